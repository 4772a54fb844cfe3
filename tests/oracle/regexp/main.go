// Command regexp records what Go's regexp package does, for the crate renga-regexp.
//
//	go run ./regexp tables DIR        write the Unicode data of this Go into DIR
//	go run ./regexp record < CASES    answer cases, one JSON object a line
//	go run ./regexp generate SEED N   answer N generated cases
//
// A case is {"pattern", "texts", "templates"}; the answer adds "error", or "groups" and for each
// text "matches" (submatch positions of all successive matches), "pieces" (two splits) and
// "replaced" (one result for each template, then one literal replacement by the first template).
// Texts that are not UTF-8 are written as {"hex": "…"}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: regexp tables DIR | record | generate SEED N")
	}
	switch os.Args[1] {
	case "tables":
		writeTables(os.Args[2])
	case "record":
		record()
	case "generate":
		seed, err := strconv.ParseUint(os.Args[2], 10, 64)
		check(err)
		count, err := strconv.Atoi(os.Args[3])
		check(err)
		out := newWriter()
		defer out.Flush()
		generator := newGenerator(seed)
		for range count {
			write(out, answer(generator.next()))
		}
	default:
		log.Fatalf("unknown task %q", os.Args[1])
	}
}

func record() {
	out := newWriter()
	defer out.Flush()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var c testCase
		check(json.Unmarshal(lines.Bytes(), &c))
		write(out, answer(c))
	}
	check(lines.Err())
}

func newWriter() *bufio.Writer { return bufio.NewWriterSize(os.Stdout, 1<<20) }

func write(out *bufio.Writer, value any) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(value))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
