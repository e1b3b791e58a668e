#!/usr/bin/env python3
"""Makes node/atlas/data/land.csv and points.csv of Natural Earth, without a network.

    apt-get download qgis-common && dpkg-deb -x qgis-common_*.deb qgis
    .ci/outlines/outlines.py qgis/usr/share/qgis/resources/data/world_map.gpkg node/atlas/data

Outlines are laid on the grid of the map (atlas.Chart: the constants below are its own, and a
test holds the two together), so that neighbours share their border to the point. Points are
the centroids of the largest part of a region, joined to ISO 3166-2 by the name in
subdivisions.csv; what does not join by name has no point, and no guess is made.
"""
import csv, math, re, sqlite3, struct, sys, unicodedata

WEST, EAST, SOUTH, NORTH, WIDE, PARALLEL = 6.0, 32.0, 34.5, 50.0, 600, 42.0
SCALE = WIDE / (EAST - WEST)
STRETCH = 1 / math.cos(math.radians(PARALLEL))
LEAST = 6  # square units: a smaller island is left out
COUNTRIES = 'AL AT BA BG CZ DE GR HR HU IT ME MK RO RS SI SK TR XK'.split()


def polygons(blob):
    """The rings of a GeoPackage geometry: header, then WKB of a MultiPolygon or Polygon."""
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[blob[3] >> 1 & 7]
    at = 8 + envelope

    def read(fmt):
        nonlocal at
        out = struct.unpack_from(fmt, blob, at)
        at += struct.calcsize(fmt)
        return out

    def shape():
        order = '<' if read('B')[0] else '>'
        kind = read(order + 'I')[0]
        if kind == 6:
            return [p for _ in range(read(order + 'I')[0]) for p in shape()]
        assert kind == 3, kind
        return [[[read(order + '2d') for _ in range(read(order + 'I')[0])] for _ in range(read(order + 'I')[0])]]

    return shape()


def grid(lon, lat):
    return round((lon - WEST) * SCALE), round((NORTH - lat) * SCALE * STRETCH)


def area(ring):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1])) / 2


def thin(ring):
    """Leaves out what lies on the way: the same point again, and the middle of three in a line."""
    out = []
    for p in ring:
        if out and out[-1] == p:
            continue
        while len(out) > 1 and (out[-1][0] - out[-2][0]) * (p[1] - out[-1][1]) == (out[-1][1] - out[-2][1]) * (p[0] - out[-1][0]):
            out.pop()
        out.append(p)
    return out[:-1] if len(out) > 1 and out[0] == out[-1] else out


def clip(ring, high):
    """Cuts off what lies far outside the map (Sutherland and Hodgman)."""
    margin = 8
    for axis, edge, sign in ((0, -margin, 1), (0, WIDE + margin, -1), (1, -margin, 1), (1, high + margin, -1)):
        out = []
        for a, b in zip(ring, ring[1:] + ring[:1]):
            ina, inb = (a[axis] - edge) * sign >= 0, (b[axis] - edge) * sign >= 0
            if ina:
                out.append(a)
            if ina != inb:
                t = (edge - a[axis]) / (b[axis] - a[axis])
                out.append((round(a[0] + t * (b[0] - a[0])), round(a[1] + t * (b[1] - a[1]))))
        ring = out
    return ring


def path(ring):
    """In SVG's relative steps."""
    out, x, y = '', 0, 0
    for i, (px, py) in enumerate(ring):
        step = f'{px - x} {py - y}'.replace(' -', '-')
        out += ('M' if i == 0 else 'l' if i == 1 else '' if step[0] == '-' else ' ') + step
        x, y = px, py
    return out + 'z'


def centre(polys):
    """The centroid of the largest part."""
    ring = max((p[0] for p in polys), key=lambda r: abs(area(r)))
    a = area(ring)
    x = sum((p[0] + q[0]) * (p[0] * q[1] - q[0] * p[1]) for p, q in zip(ring, ring[1:] + ring[:1])) / (6 * a)
    y = sum((p[1] + q[1]) * (p[0] * q[1] - q[0] * p[1]) for p, q in zip(ring, ring[1:] + ring[:1])) / (6 * a)
    return y, x


def plain(name):
    """A name as it is compared: without marks, and without words for what kind of region it is."""
    name = unicodedata.normalize('NFKD', (name or '').replace('đ', 'd').replace('Đ', 'D').replace('ı', 'i'))
    name = ''.join(c for c in name if not unicodedata.combining(c)).lower()
    name = re.sub(r'[^a-z ]', ' ', name)
    name = re.sub(r'\b(okrug|opstina|opcina|obcina|komuna e|municipality|city|district|region|county|zupanija|grad|provincia|province|kai|and)\b', ' ', name)
    return ' '.join(name.split())


def main(gpkg, out):
    db = sqlite3.connect(gpkg)
    high = round((NORTH - SOUTH) * SCALE * STRETCH)
    points = []
    with open(out + '/land.csv', 'w', encoding='utf-8') as f:
        print('# Country, outline on the map of atlas.Chart. From Natural Earth (public domain). See README.md.', file=f)
        for code in COUNTRIES:
            (blob,) = db.execute('SELECT geom FROM countries WHERE iso_a2 = ?', (code,)).fetchone()
            polys = polygons(blob)
            lat, lon = centre(polys)
            points.append((code, lat, lon))
            rings = [thin(clip(thin([grid(*p) for p in poly[0]]), high)) for poly in polys]
            print(code + ',' + ''.join(path(r) for r in rings if len(r) > 2 and abs(area(r)) >= LEAST), file=f)
    names = {}
    with open(out + '/subdivisions.csv', encoding='utf-8') as f:
        for code, name in csv.reader(line for line in f if not line.startswith('#')):
            names.setdefault((code[:2], plain(name)), []).append(code)
    for iso, name, woe, gn, blob in db.execute('SELECT iso_a2, name, woe_name, gn_name, geom FROM states_provinces'):
        codes = next((names[k] for k in ((iso, plain(n)) for n in (name, woe, gn)) if k in names), [])
        if len(codes) == 1:
            points.append((codes[0], *centre(polygons(blob))))
    seen = {}
    for code, lat, lon in points:
        seen.setdefault(code, set()).add((round(lat, 2), round(lon, 2)))
    with open(out + '/points.csv', 'w', encoding='utf-8') as f:
        print('# ISO 3166 code, latitude, longitude: the middle of its largest part. From Natural Earth (public domain). See README.md.', file=f)
        for code in sorted(seen):
            if len(seen[code]) == 1:  # two regions of one name are none
                (lat, lon), = seen[code]
                print(f'{code},{lat:.2f},{lon:.2f}', file=f)


main(*sys.argv[1:])
