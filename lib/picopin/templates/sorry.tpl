{% args message %}
<!doctype html>
<html lang=en>
<meta charset=utf-8>
<meta name=viewport content="width=device-width">
<title>Not done</title>
<link rel=stylesheet href=/static/@/page.css>
<main>
<h1>Not done</h1>
<div id=notes><p>{{message}}</div>
<p><a href="">Back to the pins</a>
</main>
