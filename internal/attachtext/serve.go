package attachtext

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"
)

// The two processes speak over a pipe. A request is a kind (1 octet), a size (8) and the
// document; a reply is a status (1), a length (4) and the text, or why there is none.
const (
	statusText = 't'
	statusCut  = 'c'
	statusNone = 'n'
)

// dataLimit bounds the memory of the process that Serve runs in.
const dataLimit = 1536 << 20

// Serve reads documents from in and writes their texts to out until in ends. It is the
// whole life of a process of its own: it takes away from it what reading a document does
// not need.
func Serve(in io.Reader, out io.Writer, pdf *PDFReader) error {
	return serve(in, out, func(kind Kind, document []byte) (Document, error) {
		return Read(kind, bytes.NewReader(document), int64(len(document)), pdf)
	})
}

func serve(in io.Reader, out io.Writer, read func(Kind, []byte) (Document, error)) error {
	debug.SetMemoryLimit(512 << 20)
	limit := syscall.Rlimit{Cur: dataLimit, Max: dataLimit}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &limit); err != nil {
		return fmt.Errorf("limit memory: %w", err)
	}
	// Of the whole group, which is this process: of a process alone it would be one thread's.
	if err := syscall.Setpriority(syscall.PRIO_PGRP, 0, 10); err != nil {
		return fmt.Errorf("lower priority: %w", err)
	}
	offerMemory()
	for {
		kind, document, err := readRequest(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := limitTime(); err != nil {
			return err
		}
		if err := writeReply(out, readSafely(read, kind, document)); err != nil {
			return err
		}
	}
}

// offerMemory has Linux end this process first where the machine runs out of memory. It is
// no matter where that cannot be said.
func offerMemory() { os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) }

// limitTime lets the system end this process if it works on one document for very long:
// whoever started it may be gone.
func limitTime() error {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return fmt.Errorf("limit time: %w", err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CPU, &limit); err != nil {
		return fmt.Errorf("limit time: %w", err)
	}
	limit.Cur = min(limit.Max, uint64(used.Utime.Sec+used.Stime.Sec)+uint64(2*documentTime.Seconds()))
	if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &limit); err != nil {
		return fmt.Errorf("limit time: %w", err)
	}
	return nil
}

// reply is what became of a request.
type reply struct {
	Document
	err error
}

// readSafely makes a panic in a decoder an error of its document.
func readSafely(read func(Kind, []byte) (Document, error), kind Kind, document []byte) (r reply) {
	defer func() {
		if v := recover(); v != nil {
			r = reply{err: fmt.Errorf("reading it failed: %v", v)}
		}
	}()
	r.Document, r.err = read(kind, document)
	return r
}

func writeRequest(w io.Writer, kind Kind, document io.Reader, size int64) error {
	head := binary.BigEndian.AppendUint64([]byte{byte(kind)}, uint64(size))
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := io.CopyN(w, document, size)
	return err
}

func readRequest(r io.Reader) (Kind, []byte, error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return None, nil, err
	}
	size := binary.BigEndian.Uint64(head[1:])
	if size > MaxSize {
		return None, nil, ErrTooLarge
	}
	document := make([]byte, size)
	if _, err := io.ReadFull(r, document); err != nil {
		return None, nil, fmt.Errorf("request: %w", err)
	}
	return Kind(head[0]), document, nil
}

func writeReply(w io.Writer, r reply) error {
	status, body := byte(statusText), r.Text
	switch {
	case r.err != nil:
		status, body = statusNone, r.err.Error()
	case r.Cut:
		status = statusCut
	}
	message := binary.BigEndian.AppendUint32([]byte{status}, uint32(len(body)))
	_, err := w.Write(append(message, body...))
	return err
}

func readReply(r io.Reader) (reply, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return reply{}, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > 4*MaxText { // U+FFFD takes more than the octet it stands for
		return reply{}, errors.New("the reply is too long")
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return reply{}, err
	}
	if head[0] == statusNone {
		return reply{err: errors.New(string(body))}, nil
	}
	return reply{Document: Document{string(body), head[0] == statusCut}}, nil
}
