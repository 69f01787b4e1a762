package main

import (
	"fmt"
	"time"
	"postern/internal/dovecottest"
	"strings"
)

func main() {
	s, err := dovecottest.Open(dovecottest.Options{})
	if err != nil { panic(err) }
	defer s.Close()
	for i := range 1000 {
		s.Add([]byte(fmt.Sprintf("Subject: %d\r\n\r\n%s", i, strings.Repeat("abcdefghijklmnop qrstuvw\r\n..x\r\n", 300))))
	}
	fmt.Println(s.Plain, s.CAFile)
	time.Sleep(60 * time.Second)
	fmt.Println(s.Log())
}
