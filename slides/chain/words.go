package chain

import (
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
)

// Words are the six words that both screens show while they pair, for staff to
// compare: the first six bytes of SHA-256("motcua/chain/words/2\x00" ‖ kiosk key
// ‖ server key ‖ code), each an index into WordList.
//
// The code is the pairing's, which the server draws after it has the kiosk's
// key. So somebody in between, who must show each side a key of his own, can't
// look for a pair of keys beforehand: he has to find one server key that gives
// the very 48 bits of the words, in the seconds for which the kiosk waits for
// its answer.
func Words(kioskKey, serverKey ed25519.PublicKey, code string) [6]string {
	h := sha256.New()
	h.Write([]byte("motcua/chain/words/2\x00"))
	h.Write(kioskKey)
	h.Write(serverKey)
	h.Write([]byte(code))
	sum := h.Sum(nil)
	list := WordList()
	var out [6]string
	for i := range out {
		out[i] = list[sum[i]]
	}
	return out
}

// WordList is the 256 words in order: names of common things, one syllable
// each. No two are the same without their marks, nor when a listener does not
// tell apart ch/tr, s/x, d/gi/r, l/n, or the finals n/ng/nh and c/t, as several
// dialects do not. The list never changes: a kiosk and a server of different
// versions must show the same words.
func WordList() []string { return strings.Fields(words) }

const words = `
cá gà vịt trâu bò heo mèo chuột voi hổ gấu khỉ ngựa dê cừu thỏ
rùa rắn ếch cua tôm mực ốc ong bướm kiến cò vẹt quạ sếu nai hươu
sóc nhím cáo lươn ngỗng ngan hến nghêu nhện tằm bê trăn báo phượng rồng lúa
ngô khoai sắn đậu lạc mía chè cam quýt bưởi táo lê mận đào mơ hồng
ổi xoài mít chuối vải nhãn sấu khế nho bí bầu mướp cải hành tỏi gừng
nghệ riềng quế tiêu muối đường mật sữa trứng thịt cơm cháo phở bún bánh xôi
kẹo nem giò chả nước gạo nếp vừng sen cúc lan mai trúc thông tùng đa
lim hoa lá gốc hạt nấm rêu bèo núi đồi sông suối biển rừng trời sao
mưa tuyết đất cát vàng bạc sắt thép than ngọc khói thác đèo ghềnh bến bãi
vịnh nhà tường cột bếp ghế tủ gối chiếu đèn quạt nồi đĩa thìa kim chỉ
áo quần mũ nón giày khăn túi ví vòng gương bút sách vở thước phấn tem
thư ảnh trống chuông chiêng kèn xe tàu thuyền cầu chợ đình chùa tháp cổng vườn
chum thúng gùi cuốc bừa liềm gậy cân bóng diều kính loa dù hộp chai lọ
ấm chén phích tổ yên lưới mũi tai tóc môi vé khóa chìa gạch ngói gốm
len hương đuốc pháo lều củi rơm hiên gác rèm thảm chèo xưởng mương cặp gỗ
kệ mâm giấm bột nhựa kiệu bắp lịch sậy cói rìu gấm đuôi sừng bơm hũ
`
