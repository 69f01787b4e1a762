package message

import (
	"bytes"
	"io"
)

// Protection says how the content of a message is wrapped. Nothing is verified or decrypted.
type Protection string

// The kinds of protection (RFC 1847, RFC 3156, RFC 8551).
const (
	Unprotected Protection = ""
	Signed      Protection = "signed"
	Encrypted   Protection = "encrypted"
)

// Protection tells whether the outermost content of the tree claims to be signed or encrypted.
func (p *Part) Protection(raw io.ReaderAt) Protection {
	for p != nil {
		switch p.Type {
		case "multipart/signed":
			return Signed
		case "multipart/encrypted":
			return Encrypted
		case "application/pkcs7-mime", "application/x-pkcs7-mime":
			return p.cmsProtection(raw)
		case "multipart/mixed": // a mailing list that adds a footer
			if len(p.Parts) == 0 {
				return Unprotected
			}
			p = p.Parts[0]
		default:
			return p.inlinePGP(raw)
		}
	}
	return Unprotected
}

// cmsProtection reads the content type of a CMS object (RFC 5652 §3), which stands in its first
// octets: smime-type is optional and at times wrong.
func (p *Part) cmsProtection(raw io.ReaderAt) Protection {
	head, _ := io.ReadAll(io.LimitReader(p.Open(raw), 64))
	pkcs7 := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07}
	i := bytes.Index(head, pkcs7)
	if i >= 0 && i+len(pkcs7) < len(head) && head[i+len(pkcs7)] == 2 {
		return Signed
	}
	return Encrypted
}

// inlinePGP looks for the armour of RFC 9580 §6.2 at the beginning of a text.
func (p *Part) inlinePGP(raw io.ReaderAt) Protection {
	if p.Type != "text/plain" {
		return Unprotected
	}
	head, _ := io.ReadAll(io.LimitReader(p.Open(raw), 200))
	head = bytes.TrimSpace(head)
	switch {
	case bytes.HasPrefix(head, []byte("-----BEGIN PGP SIGNED MESSAGE-----")):
		return Signed
	case bytes.HasPrefix(head, []byte("-----BEGIN PGP MESSAGE-----")):
		return Encrypted
	}
	return Unprotected
}
