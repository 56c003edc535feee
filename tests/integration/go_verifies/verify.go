// Verifies what merkle_dump wrote, with the Go project's own packages for transparency logs and nothing of ours.
//
//	go run verify.go DIRECTORY          prints a line per kind of check; exit 1 at the first fault
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, arguments ...interface{}) {
	fmt.Printf("FAILED: "+format+"\n", arguments...)
	os.Exit(1)
}

func read(parts ...string) []byte {
	data, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		fail("%v", err)
	}
	return data
}

// cosigner checks the signatures of a witness, which the note package does not know.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }
func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func newCosigner(vkey string) *cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	id, err1 := strconv.ParseUint(parts[1], 16, 32)
	key, err2 := base64.StdEncoding.DecodeString(parts[2])
	if err1 != nil || err2 != nil || len(key) != 33 || key[0] != 4 {
		fail("the witness's key %q", vkey)
	}
	return &cosigner{parts[0], uint32(id), ed25519.PublicKey(key[1:])}
}

type log struct {
	directory string
	known     note.Verifiers
	trees     map[int64]tlog.Tree
	sizes     []int64
}

// open takes a signed note apart: both keys must have signed it.
func (l *log) open(signed []byte) tlog.Tree {
	n, err := note.Open(signed, l.known)
	if err != nil {
		fail("note: %v\n%s", err, signed)
	}
	if len(n.Sigs) != 2 {
		fail("note: %d signatures verified instead of 2", len(n.Sigs))
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != n.Sigs[0].Name {
		fail("checkpoint: %q", n.Text)
	}
	// The package's own trees have a fixed origin; the lines below it are the same.
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + strings.Join(lines[1:], "\n")))
	if err != nil {
		fail("checkpoint: %v: %q", err, n.Text)
	}
	return tree
}

// Height, ReadTiles and SaveTiles make the directory a tlog.TileReader. Go's paths have the height behind "tile/".
func (l *log) Height() int { return 8 }
func (l *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		path = strings.Replace(path, "tile/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(l.directory, path))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}
func (l *log) SaveTiles([]tlog.Tile, [][]byte) {}

func hashes(lines []string) []tlog.Hash {
	var out []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			fail("%v: %q", err, line)
		}
		out = append(out, hash)
	}
	return out
}

func same(what string, ours []tlog.Hash, theirs []tlog.Hash, err error) {
	if err != nil {
		fail("%s: %v", what, err)
	}
	if len(ours) != len(theirs) {
		fail("%s: %d hashes, Go makes %d", what, len(ours), len(theirs))
	}
	for i := range ours {
		if ours[i] != theirs[i] {
			fail("%s: hash %d is %v, Go makes %v", what, i, ours[i], theirs[i])
		}
	}
}

// entry reads one out of its bundle.
func (l *log) entry(index, size int64) []byte {
	tile := tlog.Tile{H: 8, L: -1, N: index / 256, W: 256}
	if width := size - tile.N*256; width < 256 {
		tile.W = int(width)
	}
	data, err := l.ReadTiles([]tlog.Tile{tile})
	if err != nil {
		fail("%v", err)
	}
	rest := data[0]
	for i := int64(0); ; i++ {
		length := int(binary.BigEndian.Uint16(rest))
		if i == index%256 {
			return rest[2 : 2+length]
		}
		rest = rest[2+length:]
	}
}

func (l *log) inclusion(path string) {
	head, signed, _ := strings.Cut(string(read(path)), "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") {
		fail("%s: %q", path, lines[:2])
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		fail("%s: %v", path, err)
	}
	tree := l.open([]byte(signed))
	proof := hashes(lines[3:])
	leaf := tlog.RecordHash(l.entry(index, tree.N))
	if err := tlog.CheckRecord(tlog.RecordProof(proof), tree.N, tree.Hash, index, leaf); err != nil {
		fail("%s: %v", path, err)
	}
	made, err := tlog.ProveRecord(tree.N, index, tlog.TileHashReader(tree, l))
	same(path, proof, []tlog.Hash(made), err)
}

func (l *log) consistency(path string, older, newer int64) {
	text := strings.TrimSuffix(string(read(path)), "\n")
	var proof []tlog.Hash
	if text != "" {
		proof = hashes(strings.Split(text, "\n"))
	}
	if err := tlog.CheckTree(tlog.TreeProof(proof), newer, l.trees[newer].Hash, older, l.trees[older].Hash); err != nil {
		fail("%s: %v", path, err)
	}
	made, err := tlog.ProveTree(newer, older, tlog.TileHashReader(l.trees[newer], l))
	same(path, proof, []tlog.Hash(made), err)
}

// tiles: those that Go says a log of this size has are there, and hold what the signed root says (TileHashReader checks
// each against it); every entry hashes to its leaf.
func (l *log) tiles(size int64) int {
	reader := tlog.TileHashReader(l.trees[size], l)
	count := 0
	for _, tile := range tlog.NewTiles(8, 0, size) {
		// NewTiles names every partial width on the way; the log wrote those of its checkpoints.
		full := size >> uint(8*tile.L)
		if tile.W != 256 && (tile.N != full/256 || int64(tile.W) != full%256) {
			continue
		}
		count++
		written, err := l.ReadTiles([]tlog.Tile{tile})
		if err != nil {
			fail("%v", err)
		}
		made, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			fail("tile %s: %v", tile.Path(), err)
		}
		if !bytes.Equal(made, written[0]) {
			fail("tile %s differs from Go's", tile.Path())
		}
		if tile.L != 0 {
			continue
		}
		for i := 0; i < tile.W; i++ {
			leaf := tlog.RecordHash(l.entry(tile.N*256+int64(i), size))
			if !bytes.Equal(leaf[:], made[i*32:i*32+32]) {
				fail("entry %d does not hash to its leaf", tile.N*256+int64(i))
			}
		}
	}
	return count
}

func main() {
	directory := os.Args[1]
	keys := strings.Split(string(read(directory, "keys")), "\n")
	verifier, err := note.NewVerifier(keys[0])
	if err != nil {
		fail("the log's key: %v", err)
	}
	l := &log{directory, note.VerifierList(verifier, newCosigner(keys[1])), map[int64]tlog.Tree{}, nil}

	checkpoints, _ := filepath.Glob(filepath.Join(directory, "checkpoint-*"))
	for _, path := range checkpoints {
		tree := l.open(read(path))
		l.trees[tree.N] = tree
		l.sizes = append(l.sizes, tree.N)
	}
	sort.Slice(l.sizes, func(i, j int) bool { return l.sizes[i] < l.sizes[j] })
	fmt.Printf("ok: checkpoints %d\n", len(checkpoints))

	proofs, _ := filepath.Glob(filepath.Join(directory, "inclusion-*"))
	for _, path := range proofs {
		l.inclusion(path)
	}
	fmt.Printf("ok: inclusion %d\n", len(proofs))

	pairs := 0
	for i, newer := range l.sizes {
		for _, older := range l.sizes[:i] {
			l.consistency(filepath.Join(directory, fmt.Sprintf("consistency-%d-%d", older, newer)), older, newer)
			pairs++
		}
	}
	fmt.Printf("ok: consistency %d\n", pairs)

	tiles := 0
	for _, size := range l.sizes {
		tiles += l.tiles(size)
	}
	fmt.Printf("ok: tiles %d\n", tiles)
}
