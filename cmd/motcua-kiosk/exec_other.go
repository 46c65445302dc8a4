//go:build !unix && !js

package main

import "errors"

func execSelf(string, []string, []string) error { return errors.ErrUnsupported }
