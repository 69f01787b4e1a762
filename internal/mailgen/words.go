package mailgen

import (
	"math"
	"sort"
	"strings"
	"sync"
)

// vocabulary is how many words there are in each language.
const vocabulary = 60_000

// rank draws a word's number by Zipf's law: number 0 is the most frequent.
func (w *writer) rank() int {
	sums := zipf()
	return sort.SearchFloat64s(sums, w.Float64()*sums[len(sums)-1])
}

var zipf = sync.OnceValue(func() []float64 {
	sums, total := make([]float64, vocabulary), 0.0
	for i := range sums {
		total += 1 / math.Pow(float64(i)+2.7, 1.05)
		sums[i] = total
	}
	return sums
})

// word is the English word of a number: the frequent ones are real, the others made of
// syllables.
func word(n int) string {
	if n < len(english) {
		return english[n]
	}
	n -= len(english)
	var b strings.Builder
	for range 2 {
		b.WriteString(onsets[n%len(onsets)])
		n /= len(onsets)
		b.WriteString(rhymes[n%len(rhymes)])
		n /= len(rhymes)
	}
	if n > 0 {
		b.WriteString(endings[n%len(endings)])
	}
	return b.String()
}

// words are n words of the writer's language.
func (w *writer) words(n int) string {
	if w.language == Chinese || w.language == Mixed && w.chance(0.5) {
		return strings.TrimSuffix(w.chinese(n), "。")
	}
	all := make([]string, n)
	for i := range all {
		all[i] = word(w.rank())
	}
	return strings.Join(all, " ")
}

// title is like words, and no word of it is one of the smallest.
func (w *writer) title(n int) string {
	if w.language == Chinese {
		return strings.TrimSuffix(w.chinese(n), "。")
	}
	all := make([]string, n)
	for i := range all {
		all[i] = title(word(60 + w.IntN(3000)))
	}
	return strings.Join(all, " ")
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// sentences are n English words in sentences.
func (w *writer) sentences(n int) string {
	var b strings.Builder
	start := true
	for i := range n {
		s := word(w.rank())
		if start {
			s = title(s)
		}
		b.WriteString(s)
		start = i == n-1 || w.chance(0.08)
		switch {
		case start:
			b.WriteString(". ")
		case w.chance(0.06):
			b.WriteString(", ")
		default:
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(b.String())
}

// chinese are n Chinese words in sentences.
func (w *writer) chinese(n int) string {
	var b strings.Builder
	for i := range n {
		r := w.rank()
		if r < len(hanWords) {
			b.WriteString(hanWords[r])
		} else {
			r -= len(hanWords)
			b.WriteString(han[r%len(han)] + han[r/len(han)%len(han)])
		}
		switch {
		case i == n-1 || w.chance(0.05):
			b.WriteString("。")
		case w.chance(0.1):
			b.WriteString(",")
		}
	}
	return b.String()
}

var (
	onsets  = strings.Fields("b br c ch d dr f fl g gr h j k l m n p pl qu r s sh st t tr v w")
	rhymes  = strings.Fields("a al an ar e el en er i il in is o ol on or u ul um us ea ou")
	endings = strings.Fields("s ed ing er ly ness tion ment able ful")

	firstNames = strings.Fields("Amara Bruno Carla Dmitri Elif Farid Greta Hugo Ines Jonas Kenji Lucia Mira Noor Oskar Priya Quentin Rosa Samir Tomas Ursula Viktor Wanda Ximena Yusuf Zoe André Chloé")
	surnames   = strings.Split("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高", "")
)

// english are frequent words, the most frequent first.
var english = strings.Fields(`the to and of a in is for you that it on with this be are we i as have your not at will from or if by can an has but our all was do my please they would there what any one which more about when out so up me time other no new he some us been get just also like only his who may their its how know these than should could them make need were use see now work her first then email here over into after two back please way because each day most between good such where those did want very she through much made please find before being think order take same many information list help must well without even own right still down help long years last since both day does going look people please business service does available number next part email send under report too while us change using great off call set please read week please made every today case end within end year against add another might place few system office order again things let please high around following contact account support data thanks thank regards best dear hello hi meeting team project update review attached file files document documents date please price please payment invoice total amount paid due order customer company product products website click link view open page online free offer save sale new shop delivery shipping address phone mobile password login sign account security code verify confirm request response question questions issue problem solution version release test code build server error message messages mail inbox subject reply forward sent received schedule calendar appointment monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december morning afternoon evening tomorrow yesterday tonight hour hours minute minutes week weeks month months year plan planning budget cost costs contract agreement terms policy legal tax bank card credit transfer balance statement monthly annual member membership subscription unsubscribe newsletter weekly daily latest news article story stories read world city country government market growth report research study school university student students course class teacher children family mother father brother sister friend friends home house garden kitchen dinner lunch coffee food recipe restaurant hotel travel trip flight train ticket tickets booking reservation weather summer winter spring music film book books photo photos picture video game games sport football health doctor medical insurance car road water energy power light technology software computer device phone network internet database application user users access public private local national international`)
