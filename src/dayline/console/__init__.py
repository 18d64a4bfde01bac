"""The server side of the web console: sign-in, cookie sessions, shared links and the access log."""
