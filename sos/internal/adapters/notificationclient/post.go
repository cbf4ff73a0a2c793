package notificationclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/loveapp/backend/sos/internal/ports"
)

func (c *Client) post(ctx context.Context, url string, body []byte) error {
	token, err := c.token()
	if err != nil {
		return fmt.Errorf("service token: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() {
		_, _ = io.CopyN(io.Discard, res.Body, maxAnswer) // so that the connection can be used again
		_ = res.Body.Close()
	}()
	return verdict(res)
}

// verdict: only an answer about the content parks an alarm. A wrong token or
// path is a mistake of the operator's, and the alarm must wait for its end.
func verdict(res *http.Response) error {
	switch res.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return nil
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: status %d, code %s", ports.ErrRefused, res.StatusCode, code(res.Body))
	default:
		return fmt.Errorf("the notification service answered with status %d", res.StatusCode)
	}
}

// code is the stable name of a problem; its texts may quote what was sent, which is nobody's business in a log.
func code(body io.Reader) string {
	var problem struct {
		Code string `json:"code"`
	}
	if err := json.NewDecoder(io.LimitReader(body, maxAnswer)).Decode(&problem); err != nil {
		return "unknown"
	}
	return problem.Code
}
