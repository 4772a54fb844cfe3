package main

import (
	"encoding/hex"
	"encoding/json"
	"regexp"
	"unicode/utf8"
)

// text is a string that survives JSON even when it is not UTF-8.
type text string

func (t text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(map[string]string{"hex": hex.EncodeToString([]byte(t))})
}

func (t *text) UnmarshalJSON(data []byte) error {
	var plain string
	if json.Unmarshal(data, &plain) == nil {
		*t = text(plain)
		return nil
	}
	var coded struct{ Hex string }
	if err := json.Unmarshal(data, &coded); err != nil {
		return err
	}
	decoded, err := hex.DecodeString(coded.Hex)
	*t = text(decoded)
	return err
}

type testCase struct {
	Pattern   string `json:"pattern"`
	Texts     []text `json:"texts"`
	Templates []text `json:"templates,omitempty"`
}

type answered struct {
	testCase
	Error   string    `json:"error,omitempty"`
	Groups  []string  `json:"groups,omitempty"`
	Results []results `json:"results,omitempty"`
}

type results struct {
	Matches  [][]int  `json:"matches"`
	Pieces   [][]text `json:"pieces"`
	Replaced []text   `json:"replaced,omitempty"`
}

func answer(c testCase) answered {
	a := answered{testCase: c}
	re, err := regexp.Compile(c.Pattern)
	if err != nil {
		a.Error = err.Error()
		return a
	}
	a.Groups = re.SubexpNames()
	for _, t := range c.Texts {
		r := results{Matches: re.FindAllSubmatchIndex([]byte(t), -1)}
		for _, limit := range []int{-1, 2} {
			pieces := []text{}
			for _, piece := range re.Split(string(t), limit) {
				pieces = append(pieces, text(piece))
			}
			r.Pieces = append(r.Pieces, pieces)
		}
		for _, template := range c.Templates {
			r.Replaced = append(r.Replaced, text(re.ReplaceAllString(string(t), string(template))))
		}
		if len(c.Templates) > 0 {
			r.Replaced = append(r.Replaced, text(re.ReplaceAllLiteralString(string(t), string(c.Templates[0]))))
		}
		a.Results = append(a.Results, r)
	}
	return a
}
