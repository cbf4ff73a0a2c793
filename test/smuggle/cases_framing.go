package main

import (
	"strings"
)

func framings() []example {
	return group("two framings",
		example{name: "CL.TE with a request behind", payload: post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+hidden)},
		example{name: "TE.CL with a request behind", payload: post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"+hidden)},
		example{name: "both in lower case", payload: post("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"+hidden)},
		example{name: "CL.TE, coding folded", payload: post("Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"+hidden)},
		example{name: "CL.0: a GET with a body", payload: get("Content-Length: 10\r\n") + "0123456789"},
		example{name: "a GET with chunks", payload: get("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
		example{name: "a length nominated by Connection", payload: post("Content-Length: 2\r\nConnection: Content-Length\r\n", "{}"), status: []int{200}},
		example{name: "a coding nominated by Connection", payload: post("Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding\r\n", "2\r\n{}\r\n0\r\n\r\n"), status: []int{200}},
	)
}

func lengths() []example {
	return group("Content-Length",
		example{name: "two, different", payload: post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}x")},
		example{name: "two, the same", payload: post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), status: []int{200, 400}},
		example{name: "a list", payload: post("Content-Length: 2, 3\r\n", "{}x")},
		example{name: "a list of the same", payload: post("Content-Length: 2, 2\r\n", "{}")},
		example{name: "with a sign", payload: post("Content-Length: +2\r\n", "{}")},
		example{name: "negative", payload: post("Content-Length: -2\r\n", "{}")},
		example{name: "hexadecimal", payload: post("Content-Length: 0x2\r\n", "{}")},
		example{name: "with an underscore", payload: post("Content-Length: 0_2\r\n", "{}")},
		example{name: "a fraction", payload: post("Content-Length: 2.0\r\n", "{}")},
		example{name: "empty", payload: post("Content-Length:\r\n", hidden)},
		example{name: "more than 64 bits", payload: post("Content-Length: 18446744073709551618\r\n", "{}")},
		example{name: "more than a body may have", payload: post("Content-Length: 9223372036854775807\r\n", "{}"), status: []int{413}},
		example{name: "with leading zeros", payload: post("Content-Length: 0002\r\n", "{}"), status: []int{200, 400}},
		example{name: "a space before the colon", payload: post("Content-Length : 2\r\n", "{}")},
		example{name: "with an underscore for the dash", payload: post("Content_Length: 99\r\nContent-Length: 2\r\n", "{}"), status: []int{200}, canary: "content_length", meaning: "a header that some read as Content-Length"},
	)
}

func codings() []example {
	const whole = "2\r\n{}\r\n0\r\n\r\n"
	refused := []int{400, 501}
	return group("Transfer-Encoding",
		example{name: "xchunked", payload: post("Transfer-Encoding: xchunked\r\n", whole), status: refused},
		example{name: "identity", payload: post("Transfer-Encoding: identity\r\n", whole), status: refused},
		example{name: "gzip, chunked", payload: post("Transfer-Encoding: gzip, chunked\r\n", whole), status: refused},
		example{name: "chunked, identity", payload: post("Transfer-Encoding: chunked, identity\r\n", whole), status: refused},
		example{name: "chunked, chunked", payload: post("Transfer-Encoding: chunked, chunked\r\n", whole), status: refused},
		example{name: "two headers", payload: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", whole), status: refused},
		example{name: "two headers, one unknown", payload: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", whole), status: refused},
		example{name: "quoted", payload: post("Transfer-Encoding: \"chunked\"\r\n", whole), status: refused},
		example{name: "with a parameter", payload: post("Transfer-Encoding: chunked;q=1\r\n", whole), status: refused},
		example{name: "vertical tab before it", payload: post("Transfer-Encoding: \x0bchunked\r\n", whole), status: refused},
		example{name: "a line of its own, folded", payload: post("Transfer-Encoding:\r\n chunked\r\n", whole), status: []int{200, 400}},
		example{name: "a space before the name", payload: post(" Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "{}"), status: []int{200, 400}},
		example{name: "a space before the colon", payload: post("Transfer-Encoding : chunked\r\n", whole), status: refused},
		example{name: "a tab before the colon", payload: post("Transfer-Encoding\t: chunked\r\n", whole), status: refused},
		example{name: "a space before the value", payload: post("Transfer-Encoding:  chunked\r\n", whole), status: []int{200}},
		example{name: "in capitals", payload: post("Transfer-Encoding: CHUNKED\r\n", whole), status: []int{200, 400, 501}},
		example{name: "with HTTP/1.0", payload: strings.Replace(chunked(whole), "HTTP/1.1", "HTTP/1.0", 1), status: refused},
		example{name: "with HTTP/1.0 and a length", payload: strings.Replace(post("Transfer-Encoding: chunked\r\nContent-Length: 12\r\n", whole), "HTTP/1.1", "HTTP/1.0", 1), status: refused},
		example{name: "with an underscore for the dash", payload: post("Transfer_Encoding: chunked\r\nContent-Length: 2\r\n", "{}"), status: []int{200}, canary: "transfer_encoding", meaning: "a header that some read as Transfer-Encoding"},
	)
}

func chunks() []example {
	return group("chunks",
		example{name: "as they should be", payload: chunked("2\r\n{}\r\n0\r\n\r\n"), status: []int{200}},
		example{name: "a prefix 0x", payload: chunked("0x2\r\n{}\r\n0\r\n\r\n")},
		example{name: "a sign", payload: chunked("+2\r\n{}\r\n0\r\n\r\n")},
		example{name: "a negative size", payload: chunked("-2\r\n{}\r\n0\r\n\r\n")},
		example{name: "an underscore", payload: chunked("0_2\r\n{}\r\n0\r\n\r\n")},
		example{name: "no size", payload: chunked("\r\n{}\r\n0\r\n\r\n")},
		example{name: "no number", payload: chunked("z\r\n{}\r\n0\r\n\r\n")},
		example{name: "64 bits overflow to 2", payload: chunked("10000000000000002\r\n{}\r\n0\r\n\r\n")},
		example{name: "64 bits, negative", payload: chunked("ffffffffffffffff\r\n" + strings.Repeat(" ", 80<<10)), status: []int{400, 413}},
		example{name: "longer than its size", payload: chunked("1\r\n{}\r\n0\r\n\r\n")},
		example{name: "no CRLF behind the data", payload: chunked("2\r\n{}0\r\n\r\n")},
		example{name: "other bytes for CRLF", payload: chunked("2\r\n{}xx0\r\n\r\n")},
		example{name: "LF behind the size", payload: chunked("2\n{}\r\n0\r\n\r\n")},
		example{name: "LF behind the data", payload: chunked("2\r\n{}\n0\r\n\r\n")},
		example{name: "CR behind the size", payload: chunked("2\r{}\r\n0\r\n\r\n" + strings.Repeat(" ", 1<<10))},
		example{name: "LF in an extension", payload: chunked("2;\nxx\r\n{}\r\n0\r\n\r\n" + hidden)},
		example{name: "an extension", payload: chunked("2;a=b\r\n{}\r\n0\r\n\r\n"), status: []int{200}, canary: "a=b", meaning: "its extension"},
		example{name: "an extension of 8 KiB", payload: chunked("2;" + strings.Repeat("a", 8<<10) + "\r\n{}\r\n0\r\n\r\n")},
		example{name: "extensions that outweigh the data", payload: chunked(strings.Repeat("1;"+strings.Repeat("a", 4000)+"\r\n{\r\n", 60) + "0\r\n\r\n"), status: []int{400, 413}},
		example{name: "a space behind the size", payload: chunked("2 \r\n{}\r\n0\r\n\r\n"), status: []int{200, 400}},
		example{name: "a space before the size", payload: chunked(" 2\r\n{}\r\n0\r\n\r\n")},
		example{name: "a trailer that claims an identity", payload: chunked("2\r\n{}\r\n0\r\nX-User-Id: mallory\r\n\r\n"), status: []int{200, 400}, canary: "mallory", meaning: "its trailer"},
		example{name: "a trailer that says a length", payload: chunked("2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n"), status: []int{200, 400}, canary: "content-length: 9\r", meaning: "its trailer"},
		example{name: "a trailer without a colon", payload: chunked("2\r\n{}\r\n0\r\nmallory\r\n\r\n"), status: []int{400}},
		example{name: "a request behind the last chunk", payload: chunked("2\r\n{}\r\n0\r\n" + hidden), status: []int{200, 400}},
	)
}
