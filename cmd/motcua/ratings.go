package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"motcua/server/insight"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
)

// errUnsound ends verify with its own exit status.
var errUnsound = errors.New("verify: the file is not sound")

var exportCommand = command{
	name: "export", args: "ratings [-format jsonl|csv] [-full -user LOGIN] [-o FILE]",
	vi: "xuất phiếu đánh giá; mặc định làm tròn đến giờ, không có Phần A và ý kiến tự do",
	en: "exports ratings; by default coarsened to the hour, without Phần A and free text",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		data := fs.String("data", ".data", "thư mục dữ liệu / data folder")
		format := fs.String("format", "jsonl", "jsonl (kiểm chứng được bằng motcua verify) hoặc csv / jsonl (for motcua verify) or csv")
		full := fs.Bool("full", false, "đủ mọi phần; cần -user là quản trị, có ghi nhật ký / every section; needs -user to be an administrator, audited")
		login := fs.String("user", "", "người xuất bản đầy đủ / who makes the full export")
		out := fs.String("o", "", "tệp đích (mặc định: màn hình) / file (default: standard output)")
		return func(ctx context.Context, rest []string, stdout, stderr io.Writer) error {
			// "export ratings -full" is as natural as "export -full ratings".
			if len(rest) > 1 && rest[0] == "ratings" {
				if err := fs.Parse(rest[1:]); err != nil {
					return slides.E(slides.Invalid, "export", fmt.Sprintf("Tham số không đúng: %v.", err), fmt.Sprintf("%v.", err), nil)
				}
				rest = append([]string{"ratings"}, fs.Args()...)
			}
			if err := needArgs(rest, 1, "motcua export ratings [-format jsonl|csv] [-full -user LOGIN] [-o FILE]"); err != nil {
				return err
			}
			if rest[0] != "ratings" || *format != insight.JSONL && *format != insight.CSV {
				return needArgs(nil, 1, "motcua export ratings [-format jsonl|csv]")
			}
			st, err := openKept(*data)
			if err != nil {
				return err
			}
			defer st.Close()
			if *full {
				if err := auditFull(ctx, st, *login, *format); err != nil {
					return err
				}
			}
			return toFile(*out, stdout, func(w io.Writer) error {
				return insight.Export(ctx, st, w, *format, *full)
			})
		}
	},
}

// auditFull checks the right to a full export and leaves the audit row.
func auditFull(ctx context.Context, st *store.Store, login, format string) error {
	u, err := st.UserByLogin(ctx, strings.ToLower(login))
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return err
	}
	admin := false
	for _, g := range u.Grants {
		admin = admin || g.Role == store.RoleAdmin
	}
	if err != nil || u.Disabled || !admin {
		return slides.E(slides.Denied, "export", "Xuất đầy đủ cần -user là một tài khoản quản trị đang hoạt động.",
			"A full export needs -user to be an active administrator's sign-in name.", nil)
	}
	return st.AddAudit(ctx, store.Actor{User: u.ID, Name: u.Name}, "ratings.export", "ratings", map[string]any{"full": true, "format": format})
}

// toFile writes through a temporary file, so that a failed export leaves no
// half of one; "" is out.
func toFile(name string, out io.Writer, write func(io.Writer) error) error {
	if name == "" {
		return write(out)
	}
	fail := func(err error) error {
		return slides.E(slides.Broken, "export", fmt.Sprintf("Không ghi được tệp %s.", name), fmt.Sprintf("The file %s can't be written.", name), err)
	}
	f, err := os.OpenFile(name+".part", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fail(err)
	}
	defer os.Remove(f.Name())
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fail(err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fail(err)
	}
	return nil
}

var verifyCommand = command{
	name: "verify", args: "FILE",
	vi: "kiểm chứng tệp xuất: không thiếu, không sửa phiếu nào đến đầu chuỗi đã ký, hay dòng nhật ký nào (mã thoát 0: đúng, 3: sai)",
	en: "verifies an exported file: no rating up to the last signed head, or no row of the audit, is missing or altered (exit status 0: sound, 3: not)",
	flags: func(*flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
		return func(_ context.Context, rest []string, stdout, _ io.Writer) error {
			if err := needArgs(rest, 1, "motcua verify FILE"); err != nil {
				return err
			}
			f, err := os.Open(rest[0])
			if err != nil {
				return slides.E(slides.NotFound, "verify", fmt.Sprintf("Không mở được tệp %s.", rest[0]), fmt.Sprintf("The file %s can't be opened.", rest[0]), err)
			}
			defer f.Close()
			n, head, err := store.VerifyAuditFile(f)
			switch slides.KindOf(err) {
			case "":
				fmt.Fprintf(stdout, "Đạt: nhật ký %d dòng, mã băm cuối %s. / Sound: an audit of %d rows, last hash %s.\n", n, head, n, head)
				return nil
			case slides.Corrupt:
				return errors.Join(err, errUnsound)
			}
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return slides.E(slides.Broken, "verify", fmt.Sprintf("Không đọc được tệp %s.", rest[0]), fmt.Sprintf("The file %s can't be read.", rest[0]), err)
			}
			reports, err := chain.VerifyFile(f)
			sound := true
			for _, r := range reports {
				sound = printReport(stdout, r) && sound
			}
			if kind := slides.KindOf(err); kind == slides.Corrupt || kind == slides.Invalid {
				return errors.Join(err, errUnsound) // cut, altered, or no export at all
			}
			if err != nil {
				return err
			}
			if !sound {
				return errUnsound
			}
			fmt.Fprintf(stdout, "Đạt: %d chuỗi. / Sound: %d chains.\n", len(reports), len(reports))
			return nil
		}
	},
}

// printReport tells what a chain came to and whether it is sound.
func printReport(w io.Writer, r chain.Report) bool {
	fmt.Fprintf(w, "%s  ki-ốt/kiosk %s: %d phiếu/ratings, %d mất có báo/reported lost, %d chưa ký/unsigned\n", r.Chain, r.Kiosk, r.Records, r.Lost, r.Unsigned)
	// The file brings its own keys: whoever verifies compares this print with the studio's.
	fmt.Fprintf(w, "  khóa/key %s\n", chain.KeyPrint(r.Key))
	if r.Head != nil {
		fmt.Fprintf(w, "  đầu chuỗi/head %d %s %s\n", r.Head.Seq, r.Head.Hash, r.Head.At.Time().Format(time.RFC3339))
	}
	for _, g := range r.Gaps {
		fmt.Fprintf(w, "  khoảng trống/gap %d–%d: %s\n", g.From, g.To, g.Note)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "  SAI/WRONG: %v\n", p.Error())
	}
	if r.Faults > uint64(len(r.Problems)) {
		fmt.Fprintf(w, "  … %d lỗi khác / more problems\n", r.Faults-uint64(len(r.Problems)))
	}
	return r.OK()
}
