# An ordinary picoweb program. The test puts the line before it that says whose WebApp it runs on;
# nothing else in it knows.
import re

import picoweb
import uasyncio as asyncio
import utemplate.compiled

app = WebApp("shop")  # noqa: F821
app.template_loader = utemplate.compiled.Loader("shop", "templates")


# -- routes: strings, regular expressions, by decorator and by function


@app.route("/")
def index(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("Hello from %s" % req.path)


@app.route(re.compile("^/items/(.+)/(.+)$"))
def item(req, resp):
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite("%s of %s" % (req.url_match.group(2), req.url_match.group(1)))


def added(req, resp):
    yield from picoweb.start_response(resp, "text/plain")
    yield from resp.awrite("added by rule")


app.add_url_rule("/added", added)


# -- handlers: generators above, coroutines here


@app.route("/async")
async def coroutine(req, resp):
    await asyncio.sleep_ms(1)
    await picoweb.start_response(resp, content_type="text/plain")
    await resp.awrite("a coroutine ")
    await asyncio.sleep_ms(1)
    await resp.awrite("answers")


# -- answers


@app.route("/json")
def json(req, resp):
    yield from picoweb.jsonify(resp, {"numbers": [1, 2, 3]})


@app.route("/teapot")
def teapot(req, resp):
    yield from picoweb.http_error(resp, "418")


@app.route("/moved")
def moved(req, resp):
    headers = {"Location": "/", "X-Why": "moved"}
    yield from picoweb.start_response(resp, status="303", headers=headers)


@app.route("/headers-as-bytes")
def headers_as_bytes(req, resp):
    yield from picoweb.start_response(resp, "text/plain", headers=b"X-Given: as bytes\r\n")
    yield from resp.awrite("see the headers")


@app.route("/by-hand")
def by_hand(req, resp):
    yield from resp.awrite("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    yield from resp.awrite("without start_response")


@app.route("/page")
def page(req, resp):
    yield from app.sendfile(resp, "page.html")


@app.route("/file")
def file(req, resp):
    headers = {"Cache-Control": "max-age=60"}
    yield from app.sendfile(resp, "static/site.css", "text/x-style", headers)


@app.route("/no-file")
def no_file(req, resp):
    yield from app.sendfile(resp, "nowhere.html")


@app.route("/squares")
def squares(req, resp):
    yield from picoweb.start_response(resp)
    yield from app.render_template(resp, "squares.tpl", (range(1, 4), "Squares"))


@app.route("/squares-as-text")
def squares_as_text(req, resp):
    text = app.render_str("squares.tpl", ([7],))
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite(text)


@app.route("/long")
def long(req, resp):
    yield from picoweb.start_response(resp, content_type="text/plain")
    for number in range(1000):
        yield from resp.awrite("%d\n" % number)


@app.route("/pieces-of-a-buffer")
def pieces_of_a_buffer(req, resp):
    buffer = bytearray(b"0123456789")
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite(buffer, 2, 3)
    yield from resp.awrite(memoryview(buffer)[8:])
    yield from resp.awritestr(" and text")


# -- what the client sent


@app.route("/query")
def query(req, resp):
    req.parse_qs()
    yield from picoweb.start_response(resp, content_type="text/plain")
    for name in sorted(req.form):
        yield from resp.awrite("%s=%r;" % (name, req.form[name]))


@app.route("/form")
def form(req, resp):
    if req.method == "POST":
        yield from req.read_form_data()
    else:
        req.parse_qs()
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite("%s %s" % (req.method, req.form["name"]))


@app.route("/agent")
def agent(req, resp):
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite(req.headers[b"User-Agent"])


@app.route("/skip", headers="skip")
def skip(req, resp):
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite("skipped")


@app.route("/leave", headers="leave")
def leave(req, resp):
    headers = yield from app.parse_headers(req.reader)
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite(headers[b"X-Mine"])


# -- a handler that keeps its connection


async def _tell(resp):
    for number in range(3):
        await asyncio.sleep_ms(5)
        await resp.awrite("data: %d\n\n" % number)
    await resp.aclose()


@app.route("/events")
def events(req, resp):
    yield from picoweb.start_response(resp, content_type="text/event-stream")
    asyncio.create_task(_tell(resp))
    return False


@app.route("/forgotten")
def forgotten(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("more later")
    yield from resp.drain()
    return False


@app.route("/ended")
def ended(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("that was all")
    yield from resp.aclose()
    return False


# -- mounted apps

admin = WebApp("shop", serve_static=False)  # noqa: F821
deeper = WebApp("shop", [("/leaf", added)], serve_static=False)  # noqa: F821


@admin.route("/")
def admin_index(req, resp):
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite("admin")


@admin.route("/users")
def users(req, resp):
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite("users at %s" % req.path)


app.mount("/admin", admin)
admin.mount("/deeper", deeper)

app.run(host="0.0.0.0", port=80, debug=-1)
