package web

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"postern/internal/authres"
	"postern/internal/message"
	"postern/store"
)

// maxHeader is how much of a message is read for what servers have written on top of it.
const maxHeader = 64 << 10

// origin tells what the account's own provider says of the domain in From.
func (s *Server) origin(ctx context.Context, v *visitor, m *store.Message, raw io.ReaderAt) (authres.Verdict, error) {
	from := sender(m)
	domain := strings.TrimPrefix(store.SenderDomain(from), "@")
	if m.Account == 0 || domain == "" {
		return authres.Unknown, nil
	}
	a, err := s.store.Account(ctx, v.ID, m.Account)
	if errors.Is(err, store.ErrNotFound) {
		return authres.Unknown, nil
	}
	if err != nil {
		return authres.Unknown, err
	}
	header := make([]byte, min(m.Size, maxHeader))
	if n, err := raw.ReadAt(header, 0); err != nil && err != io.EOF {
		return authres.Unknown, err
	} else {
		header = header[:n]
	}
	return authres.Judge(header, domain, authres.Server{Names: []string{a.Host, domainOf(a.Email), domainOf(a.Username)}}), nil
}

// sender is the address that rules about a sender go by: that of the only author; "" when there is none, or several.
func sender(m *store.Message) string {
	if len(m.Envelope.From) != 1 || slices.Contains(m.Defects, message.SeveralFrom) {
		return ""
	}
	address := strings.ToLower(strings.TrimSpace(m.Envelope.From[0].Address))
	if store.SenderDomain(address) == "" || hasControl(address) || strings.ContainsAny(address, " <>,") || len(address) > maxAddress {
		return ""
	}
	return address
}

// maxAddress is the length of a mail address, in octets (RFC 5321 section 4.5.3.1.3, and a little more).
const maxAddress = 320

func domainOf(address string) string { return strings.TrimPrefix(store.SenderDomain(address), "@") }
