// Command postern is a self-hosted web portal for POP3 mail.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"postern/syncer"
)

// Exit codes. Errors of any other kind end with 1.
const exitUsage = 2

// commands is the command line: one field for each command, and the flags that stand
// for all of them. A flag --x-y is also read from POSTERN_X_Y.
type commands struct {
	settings

	Serve       serveCmd       `cmd:"" default:"withargs" help:"Run the portal and the worker until interrupted (the default)."`
	Demo        demoCmd        `cmd:"" help:"The same with sample mail on a throw-away data directory."`
	User        userCmd        `cmd:"" help:"Manage the people who may sign in."`
	Account     accountCmd     `cmd:"" help:"Manage POP3 accounts."`
	Probe       probeCmd       `cmd:"" help:"Try a POP3 server and say what it can do."`
	Sync        syncCmd        `cmd:"" help:"Sync accounts once, now."`
	Search      searchCmd      `cmd:"" help:"Search a user's mail."`
	Inspect     inspectCmd     `cmd:"" help:"Show how a message is read, as JSON."`
	Import      importCmd      `cmd:"" help:"Bring in mail from files: .eml, mbox, Maildir, Google Takeout."`
	Export      exportCmd      `cmd:"" help:"Write mail to files: mbox, Maildir or .eml."`
	Check       checkCmd       `cmd:"" help:"Read back everything stored and compare."`
	Backup      backupCmd      `cmd:"" help:"Write everything into one file, while serve runs."`
	Restore     restoreCmd     `cmd:"" help:"Fill an empty data directory from a backup."`
	Key         keyCmd         `cmd:"" help:"Manage the key that seals stored passwords."`
	Doctor      doctorCmd      `cmd:"" help:"Say in plain words what is wrong with this Postern."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running Postern whether it works."`
	Version     versionCmd     `cmd:"" help:"Show the version."`

	AttachmentText attachmentTextCmd `cmd:"" hidden:""`
}

// settings are the flags that stand for every command.
type settings struct {
	DataDir           string        `help:"Where everything is kept (${default})." default:"./postern-data" placeholder:"DIR"`
	KeyFile           string        `help:"Key that seals stored passwords; made on the first start (in the data directory unless named)." placeholder:"FILE"`
	AllowPrivateHosts syncer.Access `help:"Who may name POP3 hosts with private or loopback addresses: owner, all or none (${default})." enum:"owner,all,none" default:"owner" placeholder:"WHO"`
	POP3Ports         []int         `help:"Ports that people who are not owners may connect to (${default})." name:"pop3-ports" env:"POSTERN_POP3_PORTS" default:"110,995" placeholder:"PORT"`
	MaxMessageSize    byteSize      `help:"Larger messages stay on the server (${default})." default:"100MiB" placeholder:"SIZE"`
	Workers           int           `help:"Sessions at a time (${default})." default:"8" placeholder:"N"`
	LogFormat         string        `help:"text or json." enum:"text,json" default:"text" placeholder:"FORMAT"`
	LogLevel          slog.Level    `help:"debug, info, warn or error." default:"info" placeholder:"LEVEL"`
}

// program is what a command runs with: where it reads and writes, and the settings.
type program struct {
	settings
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger
	forget   bool // --forget-secrets
	demo     bool // nobody outside the machine is asked for anything, but the servers of accounts that a person adds
}

func main() {
	// Nothing Postern writes is for other users of the machine.
	syscall.Umask(0o077)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli, kong.Name("postern"),
		kong.Description("Reads POP3 mail into one place that you keep, and shows it in the browser."),
		kong.UsageOnError(), kong.DefaultEnvars("POSTERN"), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Writers(out, errs), kong.Exit(func(code int) { exit = code }))
	if err != nil {
		fmt.Fprintf(errs, "postern: %v\n", err)
		return 1
	}
	command, err := parser.Parse(openQuery(args))
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintf(errs, "postern: %v\nSee postern --help.\n", err)
		return exitUsage
	}
	if cli.DataDir == "" {
		fmt.Fprintln(errs, "postern: the data directory has an empty name; see --data-dir and POSTERN_DATA_DIR")
		return exitUsage
	}
	p := &program{settings: cli.settings, in: in, out: out, err: errs, log: newLogger(errs, cli.settings)}
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(p); err != nil {
		if usage := (usageError{}); errors.As(err, &usage) {
			fmt.Fprintf(errs, "postern: %v\n", err)
			return exitUsage
		}
		fmt.Fprintf(errs, "postern: %v\n", err)
		return 1
	}
	return 0
}

// usageError is a command line that is wrong in a way the parser does not see.
type usageError struct{ error }

func newLogger(w io.Writer, s settings) *slog.Logger {
	opt := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}
