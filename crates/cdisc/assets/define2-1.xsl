<?xml version="1.0" encoding="UTF-8"?>
<!-- Renders Define-XML 2.1 as one page of tables. XSLT 1.0, no script; tables first, one accent colour, prints as it looks. -->
<xsl:stylesheet version="1.0"
  xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:odm="http://www.cdisc.org/ns/odm/v1.3"
  xmlns:def="http://www.cdisc.org/ns/def/v2.1"
  xmlns:arm="http://www.cdisc.org/ns/arm/v1.0"
  xmlns:xlink="http://www.w3.org/1999/xlink"
  exclude-result-prefixes="odm def arm xlink">
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>

  <xsl:key name="item" match="odm:ItemDef" use="@OID"/>
  <xsl:key name="group" match="odm:ItemGroupDef" use="@OID"/>
  <xsl:key name="list" match="odm:CodeList" use="@OID"/>
  <xsl:key name="method" match="odm:MethodDef" use="@OID"/>
  <xsl:key name="comment" match="def:CommentDef" use="@OID"/>
  <xsl:key name="where" match="def:WhereClauseDef" use="@OID"/>
  <xsl:key name="values" match="def:ValueListDef" use="@OID"/>
  <xsl:key name="leaf" match="def:leaf" use="@ID"/>
  <xsl:key name="standard" match="def:Standard" use="@OID"/>

  <xsl:variable name="version" select="/odm:ODM/odm:Study/odm:MetaDataVersion"/>

  <xsl:template match="/">
    <html lang="en">
      <head>
        <meta charset="utf-8"/>
        <title><xsl:value-of select="$version/@Name"/></title>
        <style>
          :root { --ink: #1c2126; --quiet: #5b6670; --line: #d8dde2; --ground: #fff; --band: #f5f7f9; --accent: #0b5cad }
          * { box-sizing: border-box }
          html { scroll-padding-top: 8px }
          body { margin: 0; color: var(--ink); background: var(--ground);
                 font: 14px/20px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif }
          a { color: var(--accent); text-decoration: none } a:hover, a:focus { text-decoration: underline }
          nav { position: fixed; inset: 0 auto 0 0; width: 232px; padding: 16px 12px 32px 20px; overflow-y: auto;
                border-right: 1px solid var(--line); background: var(--band) }
          nav h2 { margin: 20px 0 4px; font-size: 12px; line-height: 16px; color: var(--quiet); font-weight: 600 }
          nav ol { margin: 0; padding: 0; list-style: none } nav li { line-height: 24px }
          main { margin-left: 232px; padding: 24px 32px 64px }
          h1 { margin: 0 0 4px; font-size: 24px; line-height: 32px; font-weight: 600 }
          h2 { margin: 40px 0 8px; font-size: 18px; line-height: 24px; font-weight: 600 }
          h3 { margin: 32px 0 4px; font-size: 15px; line-height: 20px; font-weight: 600 }
          p { margin: 4px 0; max-width: 76ch } .quiet { color: var(--quiet) }
          table { width: 100%; border-collapse: collapse; margin: 8px 0 16px; font-variant-numeric: tabular-nums }
          thead th { position: sticky; top: 0; background: var(--ground); border-bottom: 2px solid var(--ink);
                     font-size: 12px; line-height: 16px; color: var(--quiet); font-weight: 600; vertical-align: bottom }
          th, td { padding: 4px 12px 4px 0; text-align: left; vertical-align: top }
          td { border-bottom: 1px solid var(--line) } td:last-child, th:last-child { padding-right: 0 }
          .number { text-align: right } .quiet.name { font-weight: 400 } .name { white-space: nowrap; font-weight: 600 }
          .value td:first-child { padding-left: 16px; font-weight: 400 } .value td { background: var(--band) }
          code, pre { font: 12px/18px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
          pre { margin: 4px 0; white-space: pre-wrap }
          dl { display: grid; grid-template-columns: 160px 1fr; gap: 4px 16px; margin: 12px 0 }
          dt { color: var(--quiet) } dd { margin: 0 }
          @media (max-width: 900px) { nav { position: static; width: auto; border: 0; border-bottom: 1px solid var(--line) } main { margin: 0; padding: 16px } }
          @media print { nav { display: none } main { margin: 0; padding: 0 } thead { display: table-header-group } tr { break-inside: avoid } }
        </style>
      </head>
      <body>
        <xsl:call-template name="contents"/>
        <main>
          <xsl:call-template name="head"/>
          <xsl:call-template name="standards"/>
          <xsl:call-template name="documents"/>
          <xsl:call-template name="results"/>
          <xsl:call-template name="datasets"/>
          <xsl:for-each select="$version/odm:ItemGroupDef"><xsl:call-template name="variables"/></xsl:for-each>
          <xsl:call-template name="lists"/>
          <xsl:call-template name="methods"/>
          <xsl:call-template name="comments"/>
        </main>
      </body>
    </html>
  </xsl:template>

  <xsl:template name="contents">
    <nav aria-label="Contents">
      <strong><xsl:value-of select="/odm:ODM/odm:Study/odm:GlobalVariables/odm:StudyName"/></strong>
      <h2>Overview</h2>
      <ol>
        <xsl:if test="$version/def:Standards"><li><a href="#standards">Standards</a></li></xsl:if>
        <xsl:if test="$version/def:leaf"><li><a href="#documents">Documents</a></li></xsl:if>
        <xsl:if test="$version/arm:AnalysisResultDisplays"><li><a href="#results">Analysis results</a></li></xsl:if>
        <li><a href="#datasets">Datasets</a></li>
      </ol>
      <h2>Datasets</h2>
      <ol><xsl:for-each select="$version/odm:ItemGroupDef"><li><a href="#{@OID}"><xsl:value-of select="@Name"/></a></li></xsl:for-each></ol>
      <xsl:if test="$version/odm:CodeList">
        <h2>Code lists</h2>
        <ol><xsl:for-each select="$version/odm:CodeList"><li><a href="#{@OID}"><xsl:value-of select="@Name"/></a></li></xsl:for-each></ol>
      </xsl:if>
      <h2>Notes</h2>
      <ol>
        <xsl:if test="$version/odm:MethodDef"><li><a href="#methods">Methods</a></li></xsl:if>
        <xsl:if test="$version/def:CommentDef"><li><a href="#comments">Comments</a></li></xsl:if>
      </ol>
    </nav>
  </xsl:template>

  <xsl:template name="head">
    <h1><xsl:value-of select="$version/@Name"/></h1>
    <p><xsl:value-of select="/odm:ODM/odm:Study/odm:GlobalVariables/odm:StudyDescription"/></p>
    <dl>
      <dt>Protocol</dt><dd><xsl:value-of select="/odm:ODM/odm:Study/odm:GlobalVariables/odm:ProtocolName"/></dd>
      <dt>Define-XML</dt><dd><xsl:value-of select="$version/@def:DefineVersion"/></dd>
      <dt>Created</dt><dd><xsl:value-of select="translate(/odm:ODM/@CreationDateTime, 'T', ' ')"/>
        <xsl:if test="/odm:ODM/@SourceSystem"> by <xsl:value-of select="concat(/odm:ODM/@SourceSystem, ' ', /odm:ODM/@SourceSystemVersion)"/></xsl:if></dd>
    </dl>
  </xsl:template>

  <xsl:template name="standards">
    <xsl:if test="$version/def:Standards">
      <h2 id="standards">Standards</h2>
      <table>
        <thead><tr><th>Standard</th><th>Type</th><th>Version</th><th>Status</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/def:Standards/def:Standard">
            <tr>
              <td class="name"><xsl:value-of select="@Name"/><xsl:if test="@PublishingSet"> (<xsl:value-of select="@PublishingSet"/>)</xsl:if></td>
              <td><xsl:choose><xsl:when test="@Type = 'IG'">Implementation guide</xsl:when><xsl:otherwise>Controlled terminology</xsl:otherwise></xsl:choose></td>
              <td><xsl:value-of select="@Version"/></td>
              <td><xsl:value-of select="@Status"/></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </xsl:if>
  </xsl:template>

  <xsl:template name="documents">
    <xsl:if test="$version/def:leaf">
      <h2 id="documents">Documents</h2>
      <table>
        <thead><tr><th>Title</th><th>File</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/def:leaf">
            <tr><td><xsl:value-of select="def:title"/></td><td><a href="{@xlink:href}"><xsl:value-of select="@xlink:href"/></a></td></tr>
          </xsl:for-each>
        </tbody>
      </table>
    </xsl:if>
  </xsl:template>

  <xsl:template name="datasets">
    <h2 id="datasets">Datasets</h2>
    <table>
      <thead><tr><th>Dataset</th><th>Label</th><th>Class</th><th>Structure</th><th>Keys</th><th>File</th></tr></thead>
      <tbody>
        <xsl:for-each select="$version/odm:ItemGroupDef">
          <tr>
            <td class="name"><a href="#{@OID}"><xsl:value-of select="@Name"/></a></td>
            <td><xsl:value-of select="odm:Description/odm:TranslatedText"/></td>
            <td><xsl:value-of select="def:Class/@Name"/>
              <xsl:for-each select="def:Class/def:SubClass"><br/><span class="quiet"><xsl:value-of select="@Name"/></span></xsl:for-each></td>
            <td><xsl:value-of select="@def:Structure"/></td>
            <td><xsl:call-template name="keys"/></td>
            <td><xsl:choose>
              <xsl:when test="@def:HasNoData = 'Yes'"><span class="quiet">no data</span></xsl:when>
              <xsl:otherwise><a href="{def:leaf/@xlink:href}"><xsl:value-of select="def:leaf/def:title"/></a></xsl:otherwise>
            </xsl:choose></td>
          </tr>
        </xsl:for-each>
      </tbody>
    </table>
  </xsl:template>

  <xsl:template name="keys">
    <xsl:for-each select="odm:ItemRef[@KeySequence]">
      <xsl:sort select="@KeySequence" data-type="number"/>
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:value-of select="key('item', @ItemOID)/@Name"/>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="variables">
    <h3 id="{@OID}"><xsl:value-of select="concat(@Name, ': ', odm:Description/odm:TranslatedText)"/></h3>
    <p class="quiet"><xsl:value-of select="@def:Structure"/>
      <xsl:if test="@def:StandardOID"><xsl:text>; </xsl:text>
        <xsl:value-of select="concat(key('standard', @def:StandardOID)/@Name, ' ', key('standard', @def:StandardOID)/@Version)"/></xsl:if></p>
    <xsl:if test="@def:CommentOID"><p><xsl:value-of select="key('comment', @def:CommentOID)/odm:Description/odm:TranslatedText"/></p></xsl:if>
    <table>
      <thead><tr><th>Variable</th><th>Label</th><th>Type</th><th class="number">Length</th><th>Format or code list</th><th>Key</th><th>Origin</th><th>Derivation or comment</th></tr></thead>
      <tbody>
        <xsl:for-each select="odm:ItemRef">
          <xsl:call-template name="item"><xsl:with-param name="where" select="/.."/></xsl:call-template>
          <xsl:for-each select="key('values', key('item', @ItemOID)/def:ValueListRef/@ValueListOID)/odm:ItemRef">
            <xsl:call-template name="item"><xsl:with-param name="where" select="key('where', def:WhereClauseRef/@WhereClauseOID)"/></xsl:call-template>
          </xsl:for-each>
        </xsl:for-each>
      </tbody>
    </table>
  </xsl:template>

  <!-- A variable's row, or that of its values under a condition. -->
  <xsl:template name="item">
    <xsl:param name="where"/>
    <xsl:variable name="item" select="key('item', @ItemOID)"/>
    <tr>
      <xsl:if test="$where"><xsl:attribute name="class">value</xsl:attribute></xsl:if>
      <td><xsl:choose>
        <xsl:when test="$where"><xsl:for-each select="$where"><xsl:call-template name="condition"/></xsl:for-each></xsl:when>
        <xsl:otherwise><xsl:attribute name="class">name</xsl:attribute><xsl:value-of select="$item/@Name"/></xsl:otherwise>
      </xsl:choose></td>
      <td><xsl:value-of select="$item/odm:Description/odm:TranslatedText"/>
        <xsl:if test="@def:HasNoData = 'Yes'"><xsl:text> </xsl:text><span class="quiet">(no data)</span></xsl:if></td>
      <td><xsl:value-of select="$item/@DataType"/></td>
      <td class="number"><xsl:value-of select="$item/@Length"/></td>
      <td>
        <xsl:value-of select="$item/@def:DisplayFormat"/>
        <xsl:for-each select="$item/odm:CodeListRef">
          <xsl:if test="$item/@def:DisplayFormat"><br/></xsl:if>
          <a href="#{@CodeListOID}"><xsl:value-of select="key('list', @CodeListOID)/@Name"/></a>
        </xsl:for-each>
        <xsl:if test="contains($item/@DataType, 'date') or contains($item/@DataType, 'Date') or contains($item/@DataType, 'time')"><span class="quiet">ISO 8601</span></xsl:if>
      </td>
      <td><xsl:value-of select="@KeySequence"/></td>
      <td><xsl:for-each select="$item/def:Origin"><xsl:call-template name="origin"/></xsl:for-each></td>
      <td>
        <xsl:for-each select="key('method', @MethodOID)"><a href="#{@OID}"><xsl:value-of select="@Name"/></a></xsl:for-each>
        <xsl:if test="$item/@def:CommentOID"><xsl:value-of select="key('comment', $item/@def:CommentOID)/odm:Description/odm:TranslatedText"/></xsl:if>
      </td>
    </tr>
  </xsl:template>

  <xsl:template name="condition">
    <xsl:for-each select="odm:RangeCheck">
      <xsl:if test="position() > 1"> and </xsl:if>
      <xsl:value-of select="key('item', @def:ItemOID)/@Name"/>
      <xsl:choose>
        <xsl:when test="@Comparator = 'EQ'"> = </xsl:when><xsl:when test="@Comparator = 'NE'"> ≠ </xsl:when>
        <xsl:when test="@Comparator = 'LT'"> &lt; </xsl:when><xsl:when test="@Comparator = 'LE'"> ≤ </xsl:when>
        <xsl:when test="@Comparator = 'GT'"> &gt; </xsl:when><xsl:when test="@Comparator = 'GE'"> ≥ </xsl:when>
        <xsl:when test="@Comparator = 'NOTIN'"> not in </xsl:when><xsl:otherwise> in </xsl:otherwise>
      </xsl:choose>
      <xsl:for-each select="odm:CheckValue"><xsl:if test="position() > 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="origin">
    <xsl:value-of select="@Type"/>
    <xsl:if test="@Source"><xsl:text> </xsl:text><span class="quiet">(<xsl:value-of select="@Source"/>)</span></xsl:if>
    <xsl:if test="odm:Description"><xsl:text>: </xsl:text><xsl:value-of select="odm:Description/odm:TranslatedText"/></xsl:if>
    <xsl:for-each select="def:DocumentRef"><br/><xsl:call-template name="document"/></xsl:for-each>
  </xsl:template>

  <xsl:template name="document">
    <a href="{key('leaf', @leafID)/@xlink:href}"><xsl:value-of select="key('leaf', @leafID)/def:title"/></a>
    <xsl:if test="def:PDFPageRef/@PageRefs"><span class="name quiet"> p. <xsl:value-of select="def:PDFPageRef/@PageRefs"/></span></xsl:if>
  </xsl:template>

  <xsl:template name="lists">
    <xsl:if test="$version/odm:CodeList"><h2>Code lists</h2></xsl:if>
    <xsl:for-each select="$version/odm:CodeList">
      <h3 id="{@OID}"><xsl:value-of select="@Name"/></h3>
      <p class="quiet">
        <xsl:choose>
          <xsl:when test="odm:ExternalCodeList">Dictionary <xsl:value-of select="concat(odm:ExternalCodeList/@Dictionary, ' ', odm:ExternalCodeList/@Version)"/></xsl:when>
          <xsl:when test="@def:StandardOID"><xsl:value-of select="concat(key('standard', @def:StandardOID)/@PublishingSet, ' terminology ', key('standard', @def:StandardOID)/@Version)"/></xsl:when>
          <xsl:otherwise>Sponsor's own</xsl:otherwise>
        </xsl:choose>
        <xsl:if test="odm:Alias">, NCI code <xsl:value-of select="odm:Alias/@Name"/></xsl:if>
      </p>
      <xsl:if test="odm:CodeListItem | odm:EnumeratedItem">
        <table>
          <thead><tr><th>Value</th><xsl:if test="odm:CodeListItem"><th>Stands for</th></xsl:if><th>NCI code</th></tr></thead>
          <tbody>
            <xsl:for-each select="odm:CodeListItem | odm:EnumeratedItem">
              <tr>
                <td><xsl:value-of select="@CodedValue"/></td>
                <xsl:if test="../odm:CodeListItem"><td><xsl:value-of select="odm:Decode/odm:TranslatedText"/></td></xsl:if>
                <td><xsl:value-of select="odm:Alias/@Name"/><xsl:if test="@def:ExtendedValue = 'Yes'"><span class="quiet">added by the sponsor</span></xsl:if></td>
              </tr>
            </xsl:for-each>
          </tbody>
        </table>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="methods">
    <xsl:if test="$version/odm:MethodDef">
      <h2 id="methods">Methods</h2>
      <table>
        <thead><tr><th>Method</th><th>Type</th><th>Description</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/odm:MethodDef">
            <tr id="{@OID}">
              <td class="name"><xsl:value-of select="@Name"/></td>
              <td><xsl:value-of select="@Type"/></td>
              <td>
                <xsl:value-of select="odm:Description/odm:TranslatedText"/>
                <xsl:for-each select="odm:FormalExpression"><pre><xsl:value-of select="."/></pre></xsl:for-each>
                <xsl:for-each select="def:DocumentRef"><br/><xsl:call-template name="document"/></xsl:for-each>
              </td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </xsl:if>
  </xsl:template>

  <xsl:template name="results">
    <xsl:if test="$version/arm:AnalysisResultDisplays">
      <h2 id="results">Analysis results</h2>
      <xsl:for-each select="$version/arm:AnalysisResultDisplays/arm:ResultDisplay">
        <h3 id="{@OID}"><xsl:value-of select="odm:Description/odm:TranslatedText"/><xsl:text> </xsl:text><span class="quiet"><xsl:value-of select="@Name"/></span></h3>
        <xsl:for-each select="def:DocumentRef"><p><xsl:call-template name="document"/></p></xsl:for-each>
        <xsl:for-each select="arm:AnalysisResult">
          <dl>
            <dt>Analysis</dt><dd><strong><xsl:value-of select="odm:Description/odm:TranslatedText"/></strong></dd>
            <dt>Purpose</dt><dd><xsl:value-of select="concat(@AnalysisPurpose, '; ', @AnalysisReason)"/></dd>
            <xsl:if test="@ParameterOID"><dt>Parameter</dt><dd><a href="#{@ParameterOID}"><xsl:value-of select="key('item', @ParameterOID)/@Name"/></a></dd></xsl:if>
            <xsl:for-each select="arm:AnalysisDatasets/arm:AnalysisDataset">
              <dt>Dataset</dt>
              <dd>
                <a href="#{@ItemGroupOID}"><xsl:value-of select="key('group', @ItemGroupOID)/@Name"/></a>
                <xsl:for-each select="key('where', def:WhereClauseRef/@WhereClauseOID)"> where <xsl:call-template name="condition"/></xsl:for-each>
              </dd>
              <xsl:if test="arm:AnalysisVariable">
                <dt>Variables</dt>
                <dd><xsl:for-each select="arm:AnalysisVariable"><xsl:if test="position() &gt; 1">, </xsl:if><a href="#{@ItemOID}"><xsl:value-of select="key('item', @ItemOID)/@Name"/></a></xsl:for-each></dd>
              </xsl:if>
            </xsl:for-each>
            <xsl:if test="arm:Documentation"><dt>How</dt><dd><xsl:value-of select="arm:Documentation/odm:Description/odm:TranslatedText"/></dd></xsl:if>
            <xsl:for-each select="arm:ProgrammingCode[arm:Code]"><dt>Program</dt><dd><span class="quiet"><xsl:value-of select="@Context"/></span><pre><xsl:value-of select="arm:Code"/></pre></dd></xsl:for-each>
          </dl>
        </xsl:for-each>
      </xsl:for-each>
    </xsl:if>
  </xsl:template>

  <xsl:template name="comments">
    <xsl:if test="$version/def:CommentDef">
      <h2 id="comments">Comments</h2>
      <table>
        <thead><tr><th>Comment</th><th>Text</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/def:CommentDef">
            <tr id="{@OID}">
              <td class="name"><xsl:value-of select="substring-after(@OID, 'COM.')"/></td>
              <td><xsl:value-of select="odm:Description/odm:TranslatedText"/>
                <xsl:for-each select="def:DocumentRef"><br/><xsl:call-template name="document"/></xsl:for-each></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
