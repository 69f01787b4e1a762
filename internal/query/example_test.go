package query_test

import (
	"fmt"
	"strings"
	"time"

	"postern/internal/query"
)

func ExampleParse() {
	q := query.Parse(`form:anna subject:"annual report" older_than:7d`, time.Now())
	for _, chip := range q.Chips() {
		fmt.Println(chip)
	}
	for _, hint := range q.Hints {
		fmt.Println("Hint:", hint)
	}
	// Output:
	// "form:anna"
	// subject:"annual report"
	// older_than:7d
	// Hint: “form:” is not a search operator; it was searched for as text. Did you mean “from:”?
}

func ExampleTerms() {
	for _, text := range []string{"Crème brûlée", "INV-2026", "電子郵件", "anna@example.com"} {
		fmt.Println(strings.Join(query.Terms(text), " "))
	}
	// Output:
	// creme brulee
	// inv 2026 inv·2026
	// 电子 子邮 邮件 件
	// anna example anna·example com example·com anna＠example．com
}
