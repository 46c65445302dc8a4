package main

import "context"

func screenKill(ctx context.Context, p *proof) ([]line, error)      { return nil, skipped("not yet") }
func benchStatistics(ctx context.Context, p *proof) ([]line, error) { return nil, skipped("not yet") }
func benchPages(ctx context.Context, p *proof) ([]line, error)      { return nil, skipped("not yet") }
func benchStart(ctx context.Context, p *proof) ([]line, error)      { return nil, skipped("not yet") }
func benchKiosk(ctx context.Context, p *proof) ([]line, error)      { return nil, skipped("not yet") }
