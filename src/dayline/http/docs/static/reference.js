// Draws the reference from the service's own document. Nothing is fetched from anywhere else.
Redoc.init(
  "/openapi.json",
  {
    hideDownloadButtons: false,
    expandResponses: "200,201,202",
    jsonSamplesExpandLevel: 2,
    nativeScrollbars: true,
    sortPropsAlphabetically: false,
    theme: {
      colors: { primary: { main: "#0b5cad" } },
      typography: { fontFamily: "system-ui, sans-serif", headings: { fontFamily: "system-ui, sans-serif" } },
    },
  },
  document.getElementById("reference"),
);
