"""What the page's forms do where there is no JavaScript."""

from picopin import Refusal, cold, gpio


def answer(app, req):
    """Do what a form of the page asks; return the answer that leads back to the page."""
    req.headers = req.headers.copy()  # picopin.headers may know them for further requests
    req.headers[b"Accept"] = b""  # from here on as any client
    try:
        where = _do(app, req, cold("body").form(req))
    except Refusal as e:
        return _sorry(app, e)
    # The fragment alone keeps the page's address, and with it a token: RFC 3986, 5.2.2.
    return cold("head").head(303, 0, "text/html", b"Location: #%s\r\n" % where)


def _do(app, req, asked):
    """Do it; return the id of the page's part that shows what became of it."""
    if "ssid" in asked or "forget" in asked:
        cold("join").change(app, req)
        return "net"
    app.root(req, req.resp)
    return "p-" + gpio.find(asked["pin"]).name


def _sorry(app, refusal):
    """Return the answer that says in words why nothing was done."""
    app.refused += 1
    status, report, headers = cold("failure").report(refusal)
    page = cold("page")
    view = page.escape(report["error"]["message"])
    body = "".join(cold("template").load("sorry")(view)).encode()
    return cold("head").head(status, len(body), page.HTML, page.HEADERS + headers) + body
