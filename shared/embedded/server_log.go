package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
// error with the one that tells most: of this start, the earlier ones prove nothing.
func (l *serverLog) why(server *process.Child, name, portTaken string) error {
	text, _ := io.ReadAll(io.NewSectionReader(l.file, l.begin, 1<<20)) // what there is
	if strings.Contains(string(text), portTaken) {
		return errPortTaken
	}
	if pgdata.DiskIsFull(string(text)) {
		return fmt.Errorf("%s ended while starting: the disk is full: make room: %w", name, server.End())
	}
	if strings.Contains(string(text), "Bad file format reading the append only file") {
		return fmt.Errorf("%s ended while starting: its files in %s are damaged: delete that folder, which holds nothing that may not be lost: %w", name, filepath.Dir(l.file.Name()), server.End())
	}
	return fmt.Errorf("%s ended while starting: %w: %s: its log is %s", name, server.End(), gravest(string(text)), l.file.Name())
}

// gravest is the last line with a word that PostgreSQL gives to what ends it, else the last line.
func gravest(text string) (line string) {
	last := ""
	for said := range strings.Lines(text) {
		if said = strings.TrimSpace(said); said == "" {
			continue
		}
		last = said
		if strings.Contains(said, "PANIC:") || strings.Contains(said, "FATAL:") {
			line = said
		}
	}
	if line == "" {
		return last
	}
	return line
}

// close is for us: a running server has its own descriptor.
func (l *serverLog) close() { _ = l.file.Close() }
