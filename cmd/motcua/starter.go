package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"motcua/server/opening"
	"motcua/server/store"
)

var starterCommand = command{
	name: "starter", args: "[-data DIR]",
	vi: "nạp nội dung khởi đầu (trang, thủ tục, phiếu khảo sát); chạy lại không nhân đôi",
	en: "loads the starter content (slides, procedures, questionnaires); running it again doubles nothing",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		data := fs.String("data", ".data", "thư mục dữ liệu / data folder")
		return func(ctx context.Context, rest []string, stdout, stderr io.Writer) error {
			if err := needArgs(rest, 0, "motcua starter [-data DIR]"); err != nil {
				return err
			}
			st, err := store.Open(*data, store.Options{})
			if err != nil {
				return err
			}
			defer st.Close()
			r, err := opening.Load(ctx, st)
			if err != nil {
				return err
			}
			fmt.Fprintf(stdout, "Thêm mới %d, giữ nguyên %d, bản phát hành %d. / Added %d, kept %d, revision %d.\n", r.Added, r.Kept, r.Revision, r.Added, r.Kept, r.Revision)
			return nil
		}
	},
}
