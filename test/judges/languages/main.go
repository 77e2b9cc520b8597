// Command languages says what the originals make of the languages of the controllers: expr-lang with the functions of Argo
// Rollouts, and text/template with the functions of Flagger. It reads one case a line from stdin, as JSON, and writes one
// answer a line: a value as text, or an error.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type question struct {
	// Language is "expr" or "template".
	Language string `json:"language"`
	Source   string `json:"source"`
	// Result is what Prometheus said, for expr: the values of a vector, as texts because JSON has no NaN.
	Result []string `json:"result"`
	// IsScalar says that the result is its one value and not the vector.
	IsScalar bool `json:"isScalar"`
	// Model is what Flagger fills in, for templates.
	Model model `json:"model"`
}

type answer struct {
	Value *string `json:"value,omitempty"`
	Error string  `json:"error,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(answerTo(asked)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func answerTo(asked question) (found answer) {
	defer func() {
		if cause := recover(); cause != nil {
			found = answer{Error: fmt.Sprint("panic: ", cause)}
		}
	}()
	value, err := "", error(nil)
	if asked.Language == "template" {
		value, err = render(asked.Source, asked.Model)
	} else {
		value, err = evaluate(asked.Source, asked.Result, asked.IsScalar)
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Value: &value}
}
