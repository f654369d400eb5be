package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
)

// collect stores the files that assetPaths and archivePaths ask for.
func (s *State) collect(dir string) error {
	if s.AssetPaths != nil {
		assets, err := matching(dir, *s.AssetPaths)
		if err != nil {
			return err
		}
		s.Assets = &assets
	}
	if s.ArchivePaths != nil {
		assets, err := matching(dir, *s.ArchivePaths)
		if err != nil {
			return err
		}
		members := make(map[string]any, len(assets))
		for name, member := range assets {
			members[name] = member
		}
		if s.Archive, err = archive.FromAssets(members); err != nil {
			return err
		}
	}
	return nil
}

// rule is one pattern; those that begin with an exclamation mark take away again.
type rule struct {
	pattern glob.Glob
	exclude bool
}

func rules(patterns []string) ([]rule, error) {
	all := make([]rule, 0, len(patterns))
	for _, text := range patterns {
		pattern, err := glob.Compile(strings.TrimPrefix(text, "!"), '/')
		if err != nil {
			return nil, err
		}
		all = append(all, rule{pattern, strings.HasPrefix(text, "!")})
	}
	return all, nil
}

// matching finds files below dir, by their path relative to it; of the rules that match one, the last decides.
func matching(dir string, patterns []string) (map[string]*asset.Asset, error) {
	all, err := rules(patterns)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	found := map[string]*asset.Asset{}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !wanted(all, name) {
			return err
		}
		found[name], err = asset.FromPath(filepath.Join(dir, name))
		return err
	})
	return found, err
}

func wanted(all []rule, name string) bool {
	include := false
	for _, rule := range all {
		if rule.pattern.Match(name) {
			include = !rule.exclude
		}
	}
	return include
}
