package main

import "context"

var benchRows []row

func screenKill(ctx context.Context, p *proof) ([]line, error) { return nil, skipped("not yet") }
