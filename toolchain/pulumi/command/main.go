// Command pulumi-resource-command serves command:local:Command with the inputs, outputs and rules of Pulumi's own
// provider of that name. The remote half of that provider is left out.
package main

import (
	"context"
	"fmt"
	"os"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// The SDK asks for exactly this version; setup sets it by -X.
var version = "0.0.0-dev"

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	built, err := infer.NewProviderBuilder().WithResources(infer.Resource(&Command{})).Build()
	if err != nil {
		return err
	}
	return provider.RunProvider(context.Background(), "command", version, built)
}
