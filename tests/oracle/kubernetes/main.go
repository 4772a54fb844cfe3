// Command kubernetes records what Kubernetes' own libraries answer, for the crates renga-patch and
// renga-diff.
//
//	go run . table FILE        write the table of patch strategies and keys of lists
//	go run . record < CASES    answer cases, one JSON object a line
//	go run . generate SEED N   answer N generated cases
//
// A case is one of
//
//	{"original", "modified", "current"}  three versions of an object; the answer is the patch that
//	                                     kubectl sends, and the object it leads to
//	{"object", "apply"}                  an object and a patch to be applied to it
//	{"applied"}                          a manifest as kubectl remembers it
//	{"managed", "manager"}               an object to be moved to server-side apply
//	{"diff": {"live", "merged"}}         two versions of an object, as kubectl diff shows them
//
// with a "name". Answers repeat the case.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	switch os.Args[1] {
	case "table":
		writeTable(os.Args[2])
	case "record":
		record()
	case "generate":
		seed, err := strconv.ParseUint(os.Args[2], 10, 64)
		check(err)
		count, err := strconv.Atoi(os.Args[3])
		check(err)
		generate(seed, count)
	default:
		fmt.Fprintln(os.Stderr, "unknown task", os.Args[1])
		os.Exit(2)
	}
}

func log(text string) { fmt.Fprintln(os.Stderr, text) }

func check(err error) {
	if err != nil {
		panic(err)
	}
}
