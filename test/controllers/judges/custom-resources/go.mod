module coalmine.test/judge

go 1.24

// Nothing is built of these: their files hold custom resource definitions.
require (
	github.com/prometheus-operator/prometheus-operator v0.85.0
	github.com/traefik/traefik/v3 v3.5.0
	istio.io/api v1.26.0
	sigs.k8s.io/gateway-api v1.3.0
)
