package main

import (
	"bytes"
	"context"
	"io"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// Logging says which of a command's streams are shown while it runs.
type Logging string

const (
	logBoth   Logging = "stdoutAndStderr"
	logStdout Logging = "stdout"
	logStderr Logging = "stderr"
	logNone   Logging = "none"
)

// Values lists what the input accepts.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: "StdoutAndStderr", Value: logBoth, Description: "Show stdout and stderr"},
		{Name: "Stdout", Value: logStdout, Description: "Show stdout"},
		{Name: "Stderr", Value: logStderr, Description: "Show stderr"},
		{Name: "None", Value: logNone, Description: "Show nothing"},
	}
}

// shown returns where a stream goes for the user's eyes: the engine's log, or nowhere. Unset means both streams.
func (l *Logging) shown(ctx context.Context, stream Logging) io.Writer {
	if l == nil || *l == logBoth || *l == stream {
		return &lineLogger{log: provider.GetLogger(ctx).Info}
	}
	return io.Discard
}

// lineLogger passes on whole lines, however long.
type lineLogger struct {
	log  func(string)
	rest []byte
}

// Write never fails, so that a command is not disturbed by its log.
func (l *lineLogger) Write(chunk []byte) (int, error) {
	l.rest = append(l.rest, chunk...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found {
			return len(chunk), nil
		}
		l.log(string(line))
		l.rest = rest
	}
}

// flush passes on a last line that has no end.
func flush(streams ...io.Writer) {
	for _, stream := range streams {
		if logger, ok := stream.(*lineLogger); ok && len(logger.rest) > 0 {
			logger.log(string(logger.rest))
		}
	}
}
