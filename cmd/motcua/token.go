package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

const tokenUsage = "motcua token [-data DIR] add NAME | list | revoke ID"

var tokenCommand = command{
	name: "token", args: "[-data DIR] add NAME | list | revoke ID",
	vi: "khóa cho hệ thống khác (máy lấy số) mời công dân đánh giá", en: "keys for other systems (a queue) to invite citizens to rate",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		data := fs.String("data", ".data", "thư mục dữ liệu / data folder")
		return func(ctx context.Context, rest []string, stdout, _ io.Writer) error {
			if len(rest) == 0 || len(rest) > 2 || (rest[0] == "list") != (len(rest) == 1) {
				return needArgs(nil, 1, tokenUsage)
			}
			st, err := openKept(*data)
			if err != nil {
				return err
			}
			defer st.Close()
			switch rest[0] {
			case "add":
				token := auth.NewToken()
				k, err := st.AddAPIToken(ctx, store.Actor{}, auth.Digest(token), rest[1], store.InviteScope)
				if err != nil {
					return err
				}
				fmt.Fprintf(stdout, "%s\n%s: chỉ hiện một lần này; hãy cất giữ như mật khẩu. / Shown this once; keep it like a password.\n", token, k.ID)
				return nil
			case "list":
				return listTokens(ctx, st, stdout)
			case "revoke":
				if err := st.RevokeAPIToken(ctx, store.Actor{}, rest[1]); err != nil {
					return err
				}
				fmt.Fprintf(stdout, "Đã thu hồi %s. / %s is revoked.\n", rest[1], rest[1])
				return nil
			}
			return needArgs(nil, 1, tokenUsage)
		}
	},
}

func listTokens(ctx context.Context, st *store.Store, out io.Writer) error {
	list, err := st.APITokens(ctx)
	if err != nil {
		return err
	}
	day := func(m slides.Millis) string {
		if m == 0 {
			return "–"
		}
		return m.Time().Local().Format(time.DateOnly)
	}
	for _, k := range list {
		state := "đang dùng / in use"
		if k.Revoked != 0 {
			state = "thu hồi / revoked " + day(k.Revoked)
		}
		fmt.Fprintf(out, "%s  %s  %s  dùng gần nhất / last used %s  %s\n", k.ID, day(k.Created), k.Name, day(k.Seen), state)
	}
	return nil
}
