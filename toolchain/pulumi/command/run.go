package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// How long a cancelled command's pipes may stay open, should a process have left its group.
const pipesClose = 5 * time.Second

// run executes a text with the inputs of the state and stores what it wrote; no text is no work.
func (s *State) run(ctx context.Context, text *string) error {
	if text == nil {
		return nil
	}
	command := s.command(ctx, *text)

	var stdout, stderr bytes.Buffer
	both := new(orderedBuffer)
	shownOut, shownErr := s.Logging.shown(ctx, logStdout), s.Logging.shown(ctx, logStderr)
	command.Stdout = io.MultiWriter(&stdout, both, shownOut)
	command.Stderr = io.MultiWriter(&stderr, both, shownErr)

	err := runInOwnGroup(command)
	flush(shownOut, shownErr)
	if err != nil {
		return fmt.Errorf("%w: running %q:\n%s", err, *text, both.String())
	}
	s.Stdout, s.Stderr = strings.TrimSuffix(stdout.String(), "\n"), strings.TrimSuffix(stderr.String(), "\n")
	return s.collect(command.Dir)
}

// command prepares the process: interpreter, directory, environment, standard input.
func (s *State) command(ctx context.Context, text string) *exec.Cmd {
	interpreter := []string{"/bin/sh", "-c"}
	if s.Interpreter != nil && len(*s.Interpreter) > 0 {
		interpreter = *s.Interpreter
	}
	arguments := append(append([]string{}, interpreter[1:]...), text)
	command := exec.CommandContext(ctx, interpreter[0], arguments...)
	if s.Dir != nil {
		command.Dir = *s.Dir
	}
	command.Env = s.environment()
	if s.Stdin != nil && *s.Stdin != "" {
		command.Stdin = strings.NewReader(*s.Stdin)
	}
	return command
}

// environment is the plugin's own, then the resource's, then what the former run wrote.
func (s *State) environment() []string {
	environment := os.Environ()
	if s.Environment != nil {
		for name, value := range *s.Environment {
			environment = append(environment, name+"="+value)
		}
	}
	if s.AddPreviousOutputInEnv != nil && !*s.AddPreviousOutputInEnv {
		return environment
	}
	if s.Stdout != "" {
		environment = append(environment, "PULUMI_COMMAND_STDOUT="+s.Stdout)
	}
	if s.Stderr != "" {
		environment = append(environment, "PULUMI_COMMAND_STDERR="+s.Stderr)
	}
	return environment
}

// runInOwnGroup waits for the command. On cancel, or when this plugin dies, no child outlives it: the whole process
// group is killed, not the shell alone.
func runInOwnGroup(command *exec.Cmd) error {
	// Pdeathsig is sent when the thread that started the process ends, so that the thread is kept.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = pipesClose
	return command.Run()
}

// orderedBuffer keeps both streams in the order in which they were written.
type orderedBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *orderedBuffer) Write(chunk []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(chunk)
}

func (b *orderedBuffer) String() string { return b.buffer.String() }
