package main

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
)

// Command runs a text at each step of its life: create, update, delete.
type Command struct{}

// Inputs are what the program sets. Any change updates; a changed trigger replaces.
type Inputs struct {
	Create                 *string            `pulumi:"create,optional"`
	Update                 *string            `pulumi:"update,optional"`
	Delete                 *string            `pulumi:"delete,optional"`
	Triggers               *[]any             `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Stdin                  *string            `pulumi:"stdin,optional"`
	Environment            *map[string]string `pulumi:"environment,optional"`
	Dir                    *string            `pulumi:"dir,optional"`
	Interpreter            *[]string          `pulumi:"interpreter,optional"`
	Logging                *Logging           `pulumi:"logging,optional"`
	AssetPaths             *[]string          `pulumi:"assetPaths,optional"`
	ArchivePaths           *[]string          `pulumi:"archivePaths,optional"`
	AddPreviousOutputInEnv *bool              `pulumi:"addPreviousOutputInEnv,optional"`
}

// Outputs are what the last run left behind.
type Outputs struct {
	Stdout  string                   `pulumi:"stdout"`
	Stderr  string                   `pulumi:"stderr"`
	Assets  *map[string]*asset.Asset `pulumi:"assets,optional"`
	Archive *archive.Archive         `pulumi:"archive,optional"`
}

// State is what is kept between runs.
type State struct {
	Inputs
	Outputs
}

// Annotate sets the token command:local:Command.
func (c *Command) Annotate(annotator infer.Annotator) {
	annotator.SetToken("local", "Command")
	annotator.Describe(&c, "A local command, run when the resource is created, updated or deleted.")
}

// Create runs the create text, if there is one. When it fails nothing is kept.
func (*Command) Create(ctx context.Context, request infer.CreateRequest[Inputs]) (infer.CreateResponse[State], error) {
	state := State{Inputs: request.Inputs}
	id, err := resource.NewUniqueHex(request.Name, 8, 0)
	if err == nil && !request.DryRun {
		err = state.run(ctx, state.Inputs.Create)
	}
	if err != nil {
		return infer.CreateResponse[State]{}, err
	}
	return infer.CreateResponse[State]{ID: id, Output: state}, nil
}

// Update runs the update text, or the create text where there is none. When it fails the former state is kept.
func (*Command) Update(
	ctx context.Context, request infer.UpdateRequest[Inputs, State],
) (infer.UpdateResponse[State], error) {
	state := State{Inputs: request.Inputs, Outputs: request.State.Outputs}
	text := state.Inputs.Update
	if text == nil {
		text = state.Inputs.Create
	}
	if !request.DryRun {
		if err := state.run(ctx, text); err != nil {
			return infer.UpdateResponse[State]{}, err
		}
	}
	return infer.UpdateResponse[State]{Output: state}, nil
}

// Delete runs the delete text, if there is one, with the inputs of the last successful run.
func (*Command) Delete(ctx context.Context, request infer.DeleteRequest[State]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, request.State.run(ctx, request.State.Inputs.Delete)
}
