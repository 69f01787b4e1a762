// Package seal keeps secrets from being read by the wrong eyes: in memory
// (Secret cannot be printed, logged or marshalled), at rest (Key seals a
// Secret with an authenticated cipher bound to the row it belongs to) and as
// verifiers (HashPassword stores a person's password so that it can be checked
// but not read back).
//
// Two keys are meant to stand behind a stored secret. The master key lives in a
// file of its own (LoadKey); the data key is random, is kept in the database
// wrapped by the master key (Key.Wrap, Key.Unwrap), and seals the rows. Rotating
// the master key then re-wraps one value instead of every row.
package seal
