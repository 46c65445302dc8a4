package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

const tokenUsage = "motcua token [-data DIR] [-scopes LIST] [-unit ID] add NAME | list | revoke ID"

var tokenCommand = command{
	name: "token", args: "[-data DIR] [-scopes LIST] [-unit ID] add NAME | list | revoke ID",
	vi: "khóa API cho hệ thống khác (máy lấy số, cổng thông tin)", en: "API keys for other systems (a queue, a portal)",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		data := fs.String("data", ".data", "thư mục dữ liệu / data folder")
		list := fs.String("scopes", string(store.InviteScope), fmt.Sprintf("việc được làm, cách nhau bằng dấu phẩy / what it may do, by commas: %v", store.Scopes))
		unit := fs.String("unit", "", "đơn vị, gồm cả các đơn vị dưới nó; mặc định mọi nơi / unit, with those below it; everywhere if not given")
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
				var scopes []store.Scope
				for w := range strings.SplitSeq(*list, ",") {
					scopes = append(scopes, store.Scope(strings.TrimSpace(w)))
				}
				token := auth.NewToken()
				k, err := st.AddAPIToken(ctx, store.Actor{}, auth.Digest(token), store.APIToken{Name: rest[1], Unit: *unit, Scopes: scopes})
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
		switch {
		case k.Revoked != 0:
			state = "thu hồi / revoked " + day(k.Revoked)
		case !k.Works(st.Now()):
			state = "hết hạn / expired " + day(k.Expires)
		}
		fmt.Fprintf(out, "%s  %s  %s  %v %s  dùng gần nhất / last used %s  %s\n", k.ID, day(k.Created), k.Name, k.Scopes, k.Unit, day(k.Seen), state)
	}
	return nil
}
