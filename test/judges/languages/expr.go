package main

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
)

// evaluate returns the value of an expression in the environment that Argo Rollouts gives a condition.
func evaluate(source string, texts []string, isScalar bool) (string, error) {
	values := make([]float64, 0, len(texts))
	for _, text := range texts {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "", err
		}
		values = append(values, value)
	}
	var result any = values
	if isScalar {
		result = values[0]
	}
	environment := map[string]any{
		"result":  result,
		"asInt":   asInt,
		"asFloat": asFloat,
		"isNaN":   math.IsNaN,
		"isInf":   func(value float64) bool { return math.IsInf(value, 0) },
		// Both have the result at hand, and never look at what they are given.
		"isNil":   func(any) bool { return result == nil },
		"default": func(any, any) any { return result },
	}
	program, err := expr.Compile(source, expr.Env(environment))
	if err != nil {
		return "", err
	}
	value, err := expr.Run(program, environment)
	if err != nil {
		return "", err
	}
	return spelled(value), nil
}

func asInt(value any) int64 {
	if text, ok := value.(string); ok {
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			panic(err)
		}
		return number
	}
	switch number := reflect.ValueOf(value); {
	case isPlain(number) && number.CanInt():
		return number.Int()
	case isPlain(number) && number.CanFloat():
		return int64(number.Float())
	}
	panic(fmt.Sprintf("no integer: %T", value))
}

func asFloat(value any) float64 {
	if text, ok := value.(string); ok {
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(err)
		}
		return number
	}
	switch number := reflect.ValueOf(value); {
	case isPlain(number) && number.CanInt():
		return float64(number.Int())
	case isPlain(number) && number.CanFloat():
		return number.Float()
	}
	panic(fmt.Sprintf("no number: %T", value))
}

// isPlain tells numbers from what is made of them: a time.Duration is none.
func isPlain(value reflect.Value) bool {
	return value.IsValid() && value.Type().PkgPath() == ""
}

// spelled writes a value so that floats, integers and texts are told apart.
func spelled(value any) string {
	if value == nil {
		return "nil"
	}
	switch reflected := reflect.ValueOf(value); {
	case !isPlain(reflected):
		return fmt.Sprintf("%T", value)
	case reflected.Kind() == reflect.Bool:
		return strconv.FormatBool(reflected.Bool())
	case reflected.CanInt():
		return strconv.FormatInt(reflected.Int(), 10)
	case reflected.CanFloat():
		return "~" + fmt.Sprint(reflected.Float())
	case reflected.Kind() == reflect.String:
		return quoted(reflected.String())
	case reflected.Kind() == reflect.Slice:
		items := make([]string, reflected.Len())
		for i := range items {
			items[i] = spelled(reflected.Index(i).Interface())
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflected.Kind() == reflect.Map:
		var entries []string
		for _, key := range reflected.MapKeys() {
			entries = append(entries, spelled(key.Interface())+": "+spelled(reflected.MapIndex(key).Interface()))
		}
		sort.Strings(entries)
		return "{" + strings.Join(entries, ", ") + "}"
	}
	return fmt.Sprintf("%T", value)
}

func quoted(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}
