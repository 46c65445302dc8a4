package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

var backupCommand = command{
	name: "backup", args: "[-data DIR] FILE",
	vi: "sao lưu tất cả vào một tệp, khi máy chủ đang chạy", en: "backs everything up into one file, while the server runs",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		data := fs.String("data", ".data", "thư mục dữ liệu / data folder")
		return func(ctx context.Context, rest []string, stdout, _ io.Writer) error {
			if err := needArgs(rest, 1, "motcua backup [-data DIR] FILE"); err != nil {
				return err
			}
			st, err := openKept(*data)
			if err != nil {
				return err
			}
			defer st.Close()
			if err := st.Backup(ctx, rest[0]); err != nil {
				return err
			}
			fmt.Fprintf(stdout, "Đã sao lưu vào %s. / Backed up into %s.\n", rest[0], rest[0])
			return nil
		}
	},
}

var restoreCommand = command{
	name: "restore", args: "[-data DIR] FILE",
	vi: "phục hồi bản sao lưu vào thư mục trống; ki-ốt sẽ gửi lại phiếu còn thiếu", en: "restores a backup into an empty folder; kiosks send again what it lacks",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		data := fs.String("data", ".data", "thư mục dữ liệu / data folder")
		return func(ctx context.Context, rest []string, stdout, _ io.Writer) error {
			if err := needArgs(rest, 1, "motcua restore [-data DIR] FILE"); err != nil {
				return err
			}
			if err := store.Restore(ctx, rest[0], *data, store.Options{}); err != nil {
				return err
			}
			fmt.Fprintf(stdout, "Đã phục hồi vào %s, kỷ nguyên mới. / Restored into %s, a new epoch.\n", *data, *data)
			return nil
		}
	},
}

var userCommand = command{
	name: "user", args: "[-data DIR] password LOGIN  (mật khẩu đọc từ đầu vào chuẩn / the password is read from standard input)",
	vi: "đặt lại mật khẩu khi không ai đăng nhập được nữa", en: "sets a password anew when nobody can sign in any more",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		data := fs.String("data", ".data", "thư mục dữ liệu / data folder")
		return func(ctx context.Context, rest []string, stdout, _ io.Writer) error {
			if err := needArgs(rest, 2, "motcua user [-data DIR] password LOGIN"); err != nil {
				return err
			}
			if rest[0] != "password" {
				return needArgs(nil, 2, "motcua user [-data DIR] password LOGIN")
			}
			st, err := openKept(*data)
			if err != nil {
				return err
			}
			defer st.Close()
			u, err := st.UserByLogin(ctx, strings.ToLower(rest[1]))
			if err != nil {
				return err
			}
			line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
			if err != nil && line == "" {
				return slides.E(slides.Invalid, "user", "Không đọc được mật khẩu từ đầu vào chuẩn.", "The password can't be read from standard input.", err)
			}
			password := strings.TrimRight(line, "\r\n")
			var p slides.Problems
			auth.CheckPassword(u.Login, password, &p, "")
			if err := p.Err("user"); err != nil {
				return err
			}
			hash, err := auth.NewHasher(auth.DefaultParams).Hash(ctx, password)
			if err != nil {
				return err
			}
			if err := st.SetPassword(ctx, store.Actor{}, u.ID, hash); err != nil {
				return err
			}
			fmt.Fprintf(stdout, "Đã đổi mật khẩu của %s. / The password of %s is changed.\n", u.Login, u.Login)
			return nil
		}
	},
}

// openKept opens a database that is there: a command for what is kept must not
// make an empty one in a mistyped folder and report success.
func openKept(dir string) (*store.Store, error) {
	if _, err := os.Stat(filepath.Join(dir, store.DatabaseFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, slides.E(slides.NotFound, "motcua", fmt.Sprintf("Không thấy cơ sở dữ liệu trong thư mục %q; hãy chỉ đúng thư mục bằng -data (sau make run là .data/server).", dir),
			fmt.Sprintf("There is no database in the folder %q; name the right one with -data (after make run it is .data/server).", dir), nil)
	}
	return store.Open(dir, store.Options{})
}
