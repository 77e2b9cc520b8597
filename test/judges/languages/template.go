package main

import (
	"bytes"
	"text/template"
)

type model struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Target    string            `json:"target"`
	Service   string            `json:"service"`
	Ingress   string            `json:"ingress"`
	Route     string            `json:"route"`
	Interval  string            `json:"interval"`
	Variables map[string]string `json:"variables"`
}

// render fills a query in as Flagger does: each field of the model is a function, and there are no data.
func render(source string, with model) (string, error) {
	field := func(value string) func() string { return func() string { return value } }
	functions := template.FuncMap{
		"name":      field(with.Name),
		"namespace": field(with.Namespace),
		"target":    field(with.Target),
		"service":   field(with.Service),
		"ingress":   field(with.Ingress),
		"route":     field(with.Route),
		"interval":  field(with.Interval),
		"variables": func() map[string]string { return with.Variables },
	}
	parsed, err := template.New("tmpl").Option("missingkey=error").Funcs(functions).Parse(source)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, nil); err != nil {
		return "", err
	}
	return out.String(), nil
}
