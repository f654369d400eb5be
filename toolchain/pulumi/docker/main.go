// Command pulumi-resource-docker serves the part of Pulumi's docker provider that this project uses, bridged from its
// Terraform original: containers, images, networks, volumes.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	bridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// The SDK asks for exactly this version; setup sets it by -X.
var version = "0.0.0-dev"

func main() {
	info := tfbridge.ProviderInfo{
		P:       bridge.NewProvider(shim.NewProvider()),
		Name:    "docker",
		Version: version,
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_container": {
				Tok: resource("Container"),
				// A second container of the same name cannot be created first.
				DeleteBeforeReplace: true,
				// Lists that the SDK does not put in the plural.
				Fields: map[string]*tfbridge.SchemaInfo{
					"command":           {Name: "command"},
					"networks_advanced": {Name: "networksAdvanced"},
				},
			},
			"docker_image":          {Tok: resource("RemoteImage")},
			"docker_network":        {Tok: resource("Network")},
			"docker_registry_image": {Tok: resource("RegistryImage")},
			"docker_tag":            {Tok: resource("Tag")},
			"docker_volume":         {Tok: resource("Volume")},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image":   {Tok: function("getRemoteImage")},
			"docker_logs":    {Tok: function("getLogs")},
			"docker_network": {Tok: function("getNetwork")},
		},
		IgnoreMappings: []string{
			"docker_buildx_builder", "docker_compose", "docker_config", "docker_plugin", "docker_secret", "docker_service",
		},
		Config: map[string]*tfbridge.SchemaInfo{"registry_auth": {MaxItemsOne: tfbridge.False()}},
	}
	ctx := context.Background()
	info.P.InitLogging(ctx)
	// Without a host there is nobody to send log messages to: the upstream provider would log the engine's whole answer
	// whenever it reads a container, and each of those 280 lines is a call to Pulumi's engine. Errors are answers.
	// (The bridge would also say that a property is deprecated; this project uses none.)
	log.SetOutput(io.Discard)
	err := provider.Main(info.Name, func(*provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return tfbridge.NewProvider(ctx, nil, info.Name, info.Version, info.P, info, []byte("{}")), nil
	})
	if err != nil {
		cmdutil.ExitError(err.Error())
	}
}

func resource(name string) tokens.Type {
	return tokens.Type(fmt.Sprintf("docker:index/%s%s:%s", strings.ToLower(name[:1]), name[1:], name))
}

func function(name string) tokens.ModuleMember {
	return tokens.ModuleMember(fmt.Sprintf("docker:index/%s:%s", name, name))
}
