// Command go-sqlite asks SQLite and its vector extension who they are and for the neighbours of a vector, and
// puts the answer through net/http without opening a connection.
package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	vec "github.com/asg017/sqlite-vec-go-bindings/cgo"
	_ "github.com/mattn/go-sqlite3"
)

func main() {
	vec.Auto()
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // Each connection to :memory: is a database of its own.

	client := http.Client{Transport: inProcess{neighbours{db}}}
	response, err := client.Get("http://localhost/neighbours?of=0.33,0.33,0.33,0.33")
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n%s", response.Status, body)
}

// neighbours answers with the versions and with the rows nearest to the vector it is asked for.
type neighbours struct{ db *sql.DB }

func (n neighbours) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := n.answer(w, "["+r.FormValue("of")+"]"); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (n neighbours) answer(w io.Writer, of string) error {
	var sqlite, vector string
	if err := n.db.QueryRow("select sqlite_version(), vec_version()").Scan(&sqlite, &vector); err != nil {
		return err
	}
	fmt.Fprintf(w, "sqlite %s\nvec %s\n", sqlite, vector)

	if _, err := n.db.Exec("create virtual table items using vec0(embedding float[4])"); err != nil {
		return err
	}
	for i := range 5 {
		x := float32(i+1) / 10
		blob, err := vec.SerializeFloat32([]float32{x, x, x, x})
		if err != nil {
			return err
		}
		if _, err := n.db.Exec("insert into items(rowid, embedding) values (?, ?)", i+1, blob); err != nil {
			return err
		}
	}

	rows, err := n.db.Query("select rowid, distance from items where embedding match ? and k = 3 order by distance", of)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		var distance float64
		if err := rows.Scan(&id, &distance); err != nil {
			return err
		}
		fmt.Fprintf(w, "%d at %.3f\n", id, distance)
	}
	return rows.Err()
}

// inProcess is a transport that calls a handler and reads back what it wrote as a response on the wire.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	w := recorder{header: http.Header{}}
	t.handler.ServeHTTP(&w, request)
	var wire bytes.Buffer
	if w.status == 0 {
		w.status = http.StatusOK
	}
	fmt.Fprintf(&wire, "HTTP/1.1 %d %s\r\n", w.status, http.StatusText(w.status))
	if err := w.header.Write(&wire); err != nil {
		return nil, err
	}
	fmt.Fprintf(&wire, "Content-Length: %d\r\n\r\n%s", w.body.Len(), w.body.String())
	return http.ReadResponse(bufio.NewReader(&wire), request)
}

type recorder struct {
	header http.Header
	status int
	body   strings.Builder
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
func (r *recorder) WriteHeader(status int)      { r.status = status }
