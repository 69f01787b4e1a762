package sanitize

import "testing"

func TestDoctype(t *testing.T) {
	for src, want := range map[string]string{
		`<p>x`:                quirks,
		`<!doctype html><p>x`: noQuirks,
		" <!-- c --><?xml version=\"1.0\"?>\n<!DOCTYPE HTML>\n<p>x": noQuirks,
		`<p>x<!doctype html>`: quirks,
		`<!doctype svg>x`:     quirks,
		`<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">x`: limitedQuirks,
		`<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd'>x`:             noQuirks,
		`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">x`:                    limitedQuirks,
		`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">x`:                                                           quirks,
		`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">x`:                                                            quirks,
		`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN">x`:                                                                         quirks,
		`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">x`:                                noQuirks,
		`<!DOCTYPE html SYSTEM "about:legacy-compat">x`:                                                                              noQuirks,
		`<!DOCTYPE html PUBLIC "never closed>x`:                                                                                      noQuirks,
		`<!DOCTYPE>x`:                                                                                                                quirks,
	} {
		if got := HTML(src, Options{}).Doctype; got != want {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
}
