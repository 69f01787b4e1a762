package templates

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/a-h/templ"

	"postern/internal/i18n"
)

// text renders t without adding a blank between its pieces, as a loop in a component would. Only web and mail
// addresses become links; they open apart from the portal and tell nobody where they were followed.
func text(t Text) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, s := range t {
			writeSpan(&b, s)
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

func writeSpan(b *strings.Builder, s Span) {
	escaped := templ.EscapeString(s.Text)
	if s.Mark {
		escaped = "<mark>" + escaped + "</mark>"
	}
	if s.URL == "" {
		b.WriteString(escaped)
		return
	}
	b.WriteString(`<a href="`)
	b.WriteString(templ.EscapeString(string(templ.URL(s.URL))))
	b.WriteString(`" target="_blank" rel="noopener noreferrer">`)
	b.WriteString(escaped)
	b.WriteString(`</a>`)
}

// phrase renders a text whose values are components or plain strings: each language has them where it wants them.
func phrase(key i18n.Key, values ...any) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		pieces := make([]any, len(values))
		for i, v := range values {
			c, ok := v.(templ.Component)
			if !ok {
				pieces[i] = templ.EscapeString(fmt.Sprint(v))
				continue
			}
			var b strings.Builder
			if err := c.Render(ctx, &b); err != nil {
				return err
			}
			pieces[i] = b.String()
		}
		_, err := fmt.Fprintf(w, templ.EscapeString(i18n.T(ctx, key)), pieces...)
		return err
	})
}
