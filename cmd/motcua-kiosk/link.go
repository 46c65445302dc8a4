//go:build !js

package main

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// startLink adds the parts that talk to the server to the group.
func startLink(ctx context.Context, g *errgroup.Group, k *Kiosk, s settings) {}
