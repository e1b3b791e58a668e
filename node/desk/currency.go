package desk

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// The currencies of ISO 4217:2015 with its amendments up to 2026 (list one), by how many digits their minor unit has. Codes of metals, funds
// and tests are none that anybody pays in. What came to its end since 2015 (list three) stays: records tell of those years too. The tables of CLDR
// (golang.org/x/text/currency) say how a price is usually written, and know no decimals of RSD and ALL.
const (
	wholeCurrencies = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
	centCurrencies  = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD CDF CHF CNY COP CRC CUC CUP CVE CZK " +
		"DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL LTL " +
		"MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL " +
		"SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VEF VES WST XCD XCG YER ZAR ZMW ZWG ZWL"
	millCurrencies = "BHD IQD JOD KWD LYD OMR TND"
)

// minorDigits gives how many decimals an amount in a currency can have; false: there is no such currency.
func minorDigits(c body.Currency) (int, bool) {
	for _, of := range []struct {
		codes  string
		digits int
	}{{centCurrencies, 2}, {wholeCurrencies, 0}, {millCurrencies, 3}} {
		if strings.Contains(of.codes, string(c)) {
			return of.digits, true
		}
	}
	return 0, false
}

// money is an amount that a record tells of, with the members that say how much and of what; an empty name: that is not said here.
type money struct {
	body.Money
	amount, currency string
}

// moneyIn gives what a record tells of money. The steps behind the first of a flow have the currency of that one.
func moneyIn(b body.Body) []money {
	var out []money
	of := func(m *body.Money, path string) {
		if m != nil {
			out = append(out, money{*m, path + ".amount", path + ".currency"})
		}
	}
	switch b := b.(type) {
	case *body.Flow:
		if b.Thread.IsZero() {
			out = append(out, money{Money: body.Money{Currency: b.Currency}, currency: "currency"})
		}
		out = append(out, money{body.Money{Amount: b.Amount, Currency: b.Currency}, "amount", ""},
			money{body.Money{Amount: b.Spent, Currency: b.Currency}, "spent", ""}, money{body.Money{Amount: b.Unspent, Currency: b.Currency}, "unspent", ""})
	case *body.Plan:
		out = append(out, money{Money: body.Money{Currency: b.Currency}, currency: "currency"})
		for i := range b.Lines {
			out = append(out, money{body.Money{Amount: b.Lines[i].Amount, Currency: b.Currency}, fmt.Sprintf("lines.%d.amount", i), ""})
		}
		for i := range b.Rates {
			out = append(out, money{Money: body.Money{Currency: b.Rates[i].Currency}, currency: fmt.Sprintf("rates.%d.currency", i)})
		}
	case *body.Needs:
		for i := range b.Items {
			of(b.Items[i].CostEstimate, fmt.Sprintf("items.%d.cost_estimate", i))
		}
	case *body.ResourceStep:
		for i := range b.Lines {
			of(b.Lines[i].Price, fmt.Sprintf("lines.%d.price", i))
		}
	case *body.Practice:
		of(b.Cost, "cost")
	case *body.Profile:
		if b.Budget != nil {
			of(&b.Budget.Money, "budget")
		}
	}
	return out
}

// checkMoney refuses money in a currency that is none, and an amount of more decimals than its currency has: nobody could pay it.
// What others have said so is read as it stands.
func checkMoney(b body.Body) error {
	for _, m := range moneyIn(b) {
		digits, known := minorDigits(m.Currency)
		switch _, part, _ := strings.Cut(string(m.Amount), "."); {
		case !known && m.currency != "":
			return &Problem{Kind: Refused, Field: m.currency, Detail: fmt.Sprintf("no currency has the code %s", m.Currency), Mend: "want an ISO 4217 code such as EUR or MKD"}
		case known && len(strings.TrimRight(part, "0")) > digits:
			return &Problem{Kind: Refused, Field: m.amount, Detail: fmt.Sprintf("%s: amounts in %s have at most %d decimals", m.Amount, m.Currency, digits), Mend: "round it"}
		}
	}
	return nil
}
