package demo

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is one header field of a source, unfolded.
type field struct{ name, value string }

// source is one file of mail/, read.
type source struct {
	name   string
	fields []field
	body   string
	date   time.Time // when it arrived, in the sender's zone
	domain string    // of the sender
	parent string    // name of the source that it answers, or ""
	raw    string    // the charset of a message that is not encoded, or ""
}

// parse reads one file.
func parse(name, text string, now time.Time) (*source, error) {
	fields, body, err := split(withDates(text, now))
	if err != nil {
		return nil, err
	}
	s := &source{
		name:   name,
		body:   body,
		domain: "example.com",
		parent: find(fields, "X-Demo-Parent"),
		raw:    find(fields, "X-Demo-Raw"),
	}
	age, err := parseAge(find(fields, "X-Demo-Age"))
	if err != nil {
		return nil, err
	}
	zone := time.UTC
	if z := find(fields, "X-Demo-Zone"); z != "" {
		t, err := time.Parse("-0700", z)
		if err != nil {
			return nil, err
		}
		_, offset := t.Zone()
		zone = time.FixedZone("", offset)
	}
	s.date = now.Add(-age).In(zone).Truncate(time.Second)
	if from, err := mail.ParseAddress(find(fields, "From")); err == nil {
		_, s.domain, _ = strings.Cut(from.Address, "@")
	}
	s.fields = fields
	return s, nil
}

// split reads the header fields of a message or a part, and returns its body.
func split(text string) ([]field, string, error) {
	var fields []field
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if line == "" {
			return fields, text, nil
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(fields) == 0 {
				return nil, "", errors.New("begins with a folded line")
			}
			fields[len(fields)-1].value += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			name, value = "", line // for the message that is broken on purpose
		}
		fields = append(fields, field{name, strings.TrimSpace(value)})
	}
	return fields, "", nil
}

// find returns the value of the first field of this name, or "".
func find(fields []field, name string) string {
	i := slices.IndexFunc(fields, func(f field) bool { return strings.EqualFold(f.name, name) })
	if i < 0 {
		return ""
	}
	return fields[i].value
}

// withoutDemo returns the fields that are not for the loader.
func withoutDemo(fields []field) []field {
	return slices.DeleteFunc(slices.Clone(fields), func(f field) bool {
		return strings.HasPrefix(f.name, "X-Demo-")
	})
}

var datePattern = regexp.MustCompile(`\{\{(day|ics|date) ([+-]\d+)d\}\}`)

// withDates replaces the dates relative to now in a source.
func withDates(text string, now time.Time) string {
	layouts := map[string]string{"day": "Monday 2 January 2006", "ics": "20060102", "date": time.RFC1123Z}
	return datePattern.ReplaceAllStringFunc(text, func(match string) string {
		m := datePattern.FindStringSubmatch(match)
		days, err := strconv.Atoi(m[2])
		if err != nil {
			return match // too many digits
		}
		return now.AddDate(0, 0, days).Format(layouts[m[1]])
	})
}

// parseAge reads "10m", "3h", "5d" or "2y".
func parseAge(s string) (time.Duration, error) {
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'y': 365 * 24 * time.Hour}
	if s == "" || units[s[len(s)-1]] == 0 {
		return 0, fmt.Errorf("X-Demo-Age: %q", s)
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	return time.Duration(n) * units[s[len(s)-1]], err
}

// messageID returns the message identifier, with its angle brackets.
func (s *source) messageID() string {
	return "<" + s.name + "." + s.date.Format("20060102") + "@" + s.domain + ">"
}

// build returns the message's octets.
func (s *source) build(all map[string]*source) ([]byte, error) {
	var out bytes.Buffer
	s.writeTrace(&out)
	if s.raw != "" {
		return s.buildRaw(out.String())
	}
	fmt.Fprintf(&out, "Date: %s\r\n", s.date.Format(time.RFC1123Z))
	fmt.Fprintf(&out, "Message-ID: %s\r\n", s.messageID())
	if err := s.writeReferences(&out, all); err != nil {
		return nil, err
	}
	fields := s.fields
	if find(fields, "MIME-Version") == "" {
		fields = append(fields, field{"MIME-Version", "1.0"})
	}
	if err := writeEntity(&out, fields, "", s.body); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// buildRaw returns the message as its file has it, in another charset.
func (s *source) buildRaw(trace string) ([]byte, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "Date: %s\n", s.date.Format(time.RFC1123Z))
	for _, f := range withoutDemo(s.fields) {
		if f.name != "" {
			text.WriteString(f.name + ": ")
		}
		text.WriteString(f.value + "\n")
	}
	text.WriteString("\n" + s.body)
	octets, err := encodeCharset(text.String(), s.raw)
	if err != nil {
		return nil, err
	}
	return append([]byte(trace), crlf(octets)...), nil
}

// writeTrace writes what the servers on the way put on top (RFC 5321 §4.4).
func (s *source) writeTrace(out *bytes.Buffer) {
	fmt.Fprintf(out, "Return-Path: <bounces@%s>\r\n", s.domain)
	fmt.Fprintf(out, "Received: from mail.%s (mail.%s [192.0.2.25])\r\n\tby mx.example.net (Postfix) with ESMTPS id 4D%08X\r\n\tfor <robin@example.net>; %s\r\n",
		s.domain, s.domain, uint32(s.date.Unix()), s.date.UTC().Add(4*time.Second).Format(time.RFC1123Z))
}

// writeReferences writes In-Reply-To and References (RFC 5322 §3.6.4).
func (s *source) writeReferences(out *bytes.Buffer, all map[string]*source) error {
	if s.parent == "" {
		return nil
	}
	var ids []string
	for name := s.parent; name != ""; name = all[name].parent {
		if all[name] == nil {
			return fmt.Errorf("X-Demo-Parent: no file %q", name)
		}
		ids = append(ids, all[name].messageID())
	}
	slices.Reverse(ids)
	fmt.Fprintf(out, "In-Reply-To: %s\r\n", ids[len(ids)-1])
	fmt.Fprintf(out, "References: %s\r\n", strings.Join(ids, "\r\n\t"))
	return nil
}
