// Command pulumi-resource-random serves Pulumi's random provider, bridged from its Terraform original.
package main

import (
	"context"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/terraform-providers/terraform-provider-random/shim"
)

// The SDK asks for exactly this version; setup sets it by -X.
var version = "0.0.0-dev"

// noSchema stands for the package schema, which only code generators read.
var noSchema = []byte("{}")

func main() {
	info := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(shim.NewProvider()),
		Name:         "random",
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata(noSchema),
	}
	info.MustComputeTokens(tokens.SingleModule("random_", "index", token))
	pf.Main(context.Background(), info.Name, info, pf.ProviderMetadata{PackageSchema: noSchema, BridgeMetadata: noSchema})
}

// token maps random_password to random:index/randomPassword:RandomPassword.
func token(module, name string) (string, error) {
	return tokens.MakeStandard("random")(module, "Random"+name)
}
