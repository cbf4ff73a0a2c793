package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/loveapp/backend/shared/pgdata"
	"github.com/loveapp/backend/shared/process"
)

// maxLog: an older log makes room at the next start.
const maxLog = 16 << 20

// serverLog is the file that a server writes to, and where this start of it begins.
type serverLog struct {
	file  *os.File
	begin int64
}

func openLog(path string) (*serverLog, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		_ = os.Rename(path, path+".1") // at worst the log stays long
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600) //nolint:gosec // our own file
	if err != nil {
		return nil, fmt.Errorf("open the server's log: %w", err)
	}
	begin, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the server's log: %w", err), file.Close())
	}
	return &serverLog{file: file, begin: begin}, nil
}

// why is errPortTaken when that is what the server's last words say, else an
// error with these words: of this start, the earlier ones prove nothing.
func (l *serverLog) why(server *process.Child, name, portTaken string) error {
	const most = 2000
	text, _ := io.ReadAll(io.NewSectionReader(l.file, l.begin, 1<<20)) // what there is
	if strings.Contains(string(text), portTaken) {
		return errPortTaken
	}
	if pgdata.DiskIsFull(string(text)) {
		return fmt.Errorf("%s ended while starting: the disk is full: make room: %w", name, server.End())
	}
	return fmt.Errorf("%s ended while starting: %w: the end of its log: %s", name, server.End(), text[max(0, len(text)-most):])
}

// close is for us: a running server has its own descriptor.
func (l *serverLog) close() { _ = l.file.Close() }
