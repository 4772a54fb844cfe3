// Command kubernetes records what Kubernetes' own libraries answer, for the crates renga-patch and
// renga-diff.
//
//	go run . table FILE        write the table of patch strategies and keys of lists
package main

import (
	"fmt"
	"os"
)

func main() {
	switch os.Args[1] {
	case "table":
		writeTable(os.Args[2])
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
