package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"postern/internal/message"
)

// reading is what was read of a message, but for its text: envelope, structure and defects,
// each as JSON.
type reading struct{ envelope, structure, defects []byte }

// storedReading is the SQL term for the reading of a row r of readings, as unpackReading
// takes it: the packed one, or, in rows of before there were any, the three texts.
const storedReading = "coalesce(r.packed, r.envelope || char(10) || r.structure || char(10) || r.defects)"

func newReading(m *message.Message) (r reading, err error) {
	for _, v := range []struct {
		into *[]byte
		from any
	}{{&r.envelope, m.Envelope}, {&r.structure, m.Root}, {&r.defects, m.Defects}} {
		if *v.into, err = json.Marshal(v.from); err != nil {
			return r, err
		}
	}
	return r, nil
}

// pack compresses a reading. Each of its parts is a line, since JSON as it is written here
// has no line ends.
func (r reading) pack() []byte {
	return packText(bytes.Join([][]byte{r.envelope, r.structure, r.defects}, []byte("\n")))
}

// unpackReading takes what storedReading gives. Its error, and those of the methods of a
// reading, match ErrDamaged.
func unpackReading(stored []byte) (reading, error) {
	lines := stored
	if !bytes.HasPrefix(stored, []byte("{")) { // an envelope's JSON
		var err error
		if lines, err = unpackText(stored); err != nil {
			return reading{}, fmt.Errorf("reading: %w", err)
		}
	}
	parts := bytes.Split(lines, []byte("\n"))
	if len(parts) != 3 {
		return reading{}, fmt.Errorf("%w: a reading not of three lines", ErrDamaged)
	}
	return reading{parts[0], parts[1], parts[2]}, nil
}

func (r reading) parsedEnvelope() (e message.Envelope, err error) {
	err = understand(r.envelope, &e)
	return e, err
}

func (r reading) root() (root *message.Part, err error) {
	err = understand(r.structure, &root)
	return root, err
}

func (r reading) parsedDefects() (defects []string, err error) {
	err = understand(r.defects, &defects)
	return defects, err
}

func understand(line []byte, v any) error {
	if err := json.Unmarshal(line, v); err != nil {
		return fmt.Errorf("%w: reading: %w", ErrDamaged, err)
	}
	return nil
}

// soundReading tells whether a reading and its text can be shown and searched; the error
// matches ErrDamaged.
func soundReading(stored, text []byte) error {
	r, err := unpackReading(stored)
	if err != nil {
		return err
	}
	_, envelope := r.parsedEnvelope()
	_, root := r.root()
	_, defects := r.parsedDefects()
	_, err = unpackText(text)
	return errors.Join(envelope, root, defects, err)
}
